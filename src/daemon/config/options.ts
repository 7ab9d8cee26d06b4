import { hostname } from "node:os";
import { DEFAULT_TLS_FILES } from "#adapters/libvirt/dial.js";
import { URI_FORM, uriProblem } from "#adapters/libvirt/uri.js";
import { templateProblem } from "#adapters/qemu/socket-template.js";
import { connectionProblem } from "#catalog/connection-problem.js";
import { auditOptions } from "./audit-options.js";
import { backendOptions } from "./backend-options.js";
import { grpcOptions } from "./grpc-options.js";
import { keystoneOptions } from "./keystone-options.js";
import { limitOptions } from "./limit-options.js";
import { metricsOptions } from "./metrics-options.js";
import { novaApiOptions } from "./nova-api-options.js";
import { openstackOptions } from "./openstack-options.js";
import { type Option, option, withDefault } from "./option.js";
import { rateOptions } from "./rate-options.js";
import { sourceOptions } from "./source-options.js";
import { tracingOptions } from "./tracing-options.js";
import {
  absolutePath,
  fileMode,
  flag,
  hostName,
  integer,
  oneOf,
  seconds,
  secret,
  secretWith,
  textWith,
} from "./types.js";

const catalogUrl = secretWith(
  "sqlite:////absolute/path (four slashes in all), postgresql://user:password@host/database or mysql://user:password@host/database",
  connectionProblem,
);

/** Every option of the service's own, in the order of the pages. */
export const options = {
  transportUrl: option(
    "DEFAULT.transport_url",
    secret,
    "Where the message bus is: `rabbit://user:password@host:port/vhost`, several hosts separated by commas, as every OpenStack service writes it. Without it there is no bus, and gRPC is the only door.",
    { secret: true },
  ),
  cellUrls: option(
    "DEFAULT.cell_transport_urls",
    secret,
    "For `role = service`: the `transport_url` of every other cell of nova's, separated by spaces. Requests are served there, agents are called where they report, and notifications are heard, all as at `transport_url` itself ([nova.md](nova.md)).",
    { secret: true },
  ),
  role: withDefault(
    option(
      "DEFAULT.role",
      oneOf("both", "service", "agent"),
      "What this process is ([hosts.md](hosts.md)): `service` keeps the catalog and decides, `agent` holds the images of this host and speaks to its hypervisor, and `both` is all of it on one machine. `service` and `agent` need a `transport_url`.",
    ),
    "both",
  ),
  host: withDefault(
    option(
      "DEFAULT.host",
      hostName,
      "The name of this host: the server name on the bus, and the host of the instances here. Give it the value that nova-compute has.",
      { fallbackShown: "the machine's host name" },
    ),
    hostname(),
  ),
  debug: withDefault(option("DEFAULT.debug", flag, "Logs more.", { reloadable: true }), "false"),
  drainMs: withDefault(
    option(
      "DEFAULT.graceful_shutdown_timeout",
      seconds(0, 3600),
      "How long a stopping service waits for what is under way. What is left is taken up at the next start.",
    ),
    "60",
  ),
  reportMs: withDefault(
    option(
      "agent.report_interval",
      seconds(0.1, 3600),
      "How often an agent tells the services that it is there. One that missed three reports is taken for away. A service is to have the same value: until three reports could have come it calls no host unknown.",
    ),
    "10",
  ),
  returnMs: withDefault(
    option(
      "agent.return_wait",
      seconds(0, 3600),
      "For so long after an agent said that it ends, as one does that is exchanged, a service holds back what it is asked to do on that host, and does it when there is an agent again. After that such calls are refused with HOST_UNREACHABLE.",
    ),
    "20",
  ),
  ...grpcOptions,
  ...keystoneOptions,
  policyFile: option(
    "oslo_policy.policy_file",
    absolutePath,
    "Rules over the defaults of [policy.md](policy.md), in YAML or JSON as oslo.policy has them. Where a file of another service is read too and names that service's policy file, name ours in a later one.",
    { reloadable: true },
  ),
  catalogConnection: withDefault(
    option(
      "catalog.connection",
      catalogUrl,
      "Where drives are remembered: an SQLite file, which is one service's alone, or a database on PostgreSQL or MariaDB, which several services may share. Written as every OpenStack service writes it, such as `mysql+pymysql://configdrive:secret@controller/configdrive`; [catalog.md](catalog.md) tells of the options.",
      { secret: true },
    ),
    "sqlite:////var/lib/configdrive/catalog.sqlite",
  ),
  leaseMs: withDefault(
    option(
      "catalog.lease_time",
      seconds(3, 600),
      "On PostgreSQL and MariaDB: how long a service may be silent before the others on the database take it for dead and take over what it had begun.",
    ),
    "30",
  ),
  catalogBackupFile: option(
    "catalog.backup_file",
    absolutePath,
    "For SQLite: where a copy of the catalog is written while it is in use. It holds what the catalog holds, user data and passwords in the clear. PostgreSQL and MariaDB have programs of their own for that.",
  ),
  catalogBackupMs: withDefault(
    option("catalog.backup_interval", seconds(1, 7 * 24 * 60 * 60), "How often `backup_file` is written."),
    "3600",
  ),
  imageDirectory: withDefault(
    option("drives.directory", absolutePath, "Where images stand. The hypervisor opens them there."),
    "/var/lib/configdrive/drives",
  ),
  imageMode: withDefault(
    option("drives.image_mode", fileMode, "Permission bits of an image file. Its owner is the service's user."),
    "0640",
  ),
  imageGroup: option(
    "drives.image_group",
    integer(0, 2 ** 32 - 2),
    "The numeric group of image files and their folders: one that the hypervisor's user is in.",
    { fallbackShown: "the service's own group" },
  ),
  hypervisor: withDefault(
    option(
      "drives.hypervisor",
      oneOf("qemu", "libvirt", "nova", "file", "grpc", "vsphere", "lxd", "ironic", "openstack"),
      "Which hypervisor shows drives to instances (adapters/); `grpc` is an adapter in a process of its own.",
    ),
    "qemu",
  ),
  contentDirectory: option(
    "drives.content_directory",
    absolutePath,
    "Where content stands that did not come inline, for images that have to be written again. Only the service reads it.",
    { fallbackShown: "`.content` in `directory`" },
  ),
  reconcileMs: withDefault(
    option(
      "drives.reconcile_interval",
      seconds(1, 3600),
      "How often what the guests have is compared with what they should have.",
    ),
    "30",
  ),
  launch: withDefault(
    option(
      "instances.launch",
      flag,
      "Runs instances here (`RunInstances`, hypervisors qemu, libvirt and openstack). Whoever the policy lets run one can have the hypervisor open any file that it may open.",
    ),
    "false",
  ),
  qemuPrograms: withDefault(
    option("qemu.programs", absolutePath, "The folder of the QEMU programs that instances are run with."),
    "/usr/bin",
  ),
  qmpSocket: withDefault(
    option(
      "qemu.qmp_socket",
      textWith("an absolute path with {instance_id} in it", templateProblem),
      "Where the QMP monitor of each instance listens. The monitor should be the service's own: QEMU serves one client of a monitor at a time.",
    ),
    "/run/configdrive/qmp/{instance_id}.sock",
  ),
  qmpAnswerMs: withDefault(
    option("qemu.answer_timeout", seconds(0.1, 600), "How long QEMU may take to answer one command."),
    "10",
  ),
  unplugMs: withDefault(
    option("qemu.unplug_timeout", seconds(0.1, 600), "How long a guest may take to let a device go."),
    "20",
  ),
  libvirtUri: withDefault(
    option(
      "libvirt_daemon.uri",
      textWith(URI_FORM, uriProblem),
      "For `hypervisor = libvirt`: the daemon whose domains are served, on this host or another one. TCP is neither private nor does it ask who calls: for closed networks only.",
    ),
    "qemu:///system",
  ),
  libvirtCaFile: withDefault(
    option(
      "libvirt_daemon.ca_file",
      absolutePath,
      "For a TLS URI: the certificates of those who may vouch for the daemon, in PEM.",
    ),
    DEFAULT_TLS_FILES.authority,
  ),
  libvirtCertFile: withDefault(
    option("libvirt_daemon.cert_file", absolutePath, "For a TLS URI: the certificate that the service shows, in PEM."),
    DEFAULT_TLS_FILES.certificate,
  ),
  libvirtKeyFile: withDefault(
    option("libvirt_daemon.key_file", absolutePath, "For a TLS URI: the key of that certificate, in PEM."),
    DEFAULT_TLS_FILES.key,
  ),
  libvirtPool: option(
    "libvirt_daemon.pool",
    textWith("the name of a storage pool", (text) => (text === "" ? "must not be empty" : undefined)),
    "The active `dir` pool of the daemon's host that images are uploaded into. It must be that host's alone.",
    { fallbackShown: "none: the daemon opens images at the service's own paths" },
  ),
  libvirtAnswerMs: withDefault(
    option("libvirt_daemon.answer_timeout", seconds(0.1, 600), "How long libvirt may take to answer one call."),
    "30",
  ),
  libvirtUnplugMs: withDefault(
    option("libvirt_daemon.unplug_timeout", seconds(0.1, 600), "How long a guest may take to let a device go."),
    "20",
  ),
  novaAnswerMs: withDefault(
    option(
      "nova_compute.answer_timeout",
      seconds(0.1, 600),
      "For `hypervisor = nova`: how long the plugin in this host's nova-compute may take to answer one call, in which a guest may take its time to let a device go.",
    ),
    "60",
  ),
  notificationTopic: option(
    "nova_notifications.topic",
    hostName,
    "A topic of nova's versioned notifications that is this service's own (nova's `[notifications] versioned_notifications_topics`): a server that is deleted has its drives let go of, also where no plugin could tell. Every service that has its own catalog hears all of it.",
    { fallbackShown: "none: nova's notifications are not listened to" },
  ),
  notificationExchange: withDefault(
    option("nova_notifications.exchange", hostName, "nova's `control_exchange`."),
    "nova",
  ),
  refreshRenamed: withDefault(
    option(
      "nova_notifications.refresh_renamed",
      flag,
      "Has the plugin render the drive of a server anew when the server is renamed, and shows it.",
    ),
    "false",
  ),
  notifyingUrls: option(
    "nova_notifications.cell_transport_urls",
    secret,
    "The `transport_url` of every other broker at which notifications are to be heard, separated by spaces; those of `[DEFAULT]` always are.",
    { secret: true },
  ),
  ...novaApiOptions,
  fileInstances: withDefault(
    option(
      "file.instances",
      absolutePath,
      "For `hypervisor = file`: a folder with a folder for each instance, in which its drives appear as links.",
    ),
    "/var/lib/configdrive/instances",
  ),
  ...metricsOptions,
  ...auditOptions,
  ...tracingOptions,
  ...backendOptions,
  ...openstackOptions,
  ...sourceOptions,
  ...limitOptions,
  ...rateOptions,
} as const;

type Options = typeof options;

/** The values of all options. What has neither a value nor a default is `undefined`. */
export type Config = {
  readonly [Key in keyof Options]: Options[Key] extends Option<infer T> & { fallback: string }
    ? T
    : Options[Key] extends Option<infer T>
      ? T | undefined
      : never;
};
