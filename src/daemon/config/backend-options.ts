import { ADDRESS_FORM, addressProblem } from "#adapters/grpc/address.js";
import { mountPathProblem } from "#adapters/lxd/place.js";
import { ironicOptions } from "./ironic-options.js";
import { option, withDefault } from "./option.js";
import { absolutePath, hostName, integer, seconds, secret, textWith } from "./types.js";

/** Options of hypervisors that are reached over the network, or in a process of their own. */
export const backendOptions = {
  adapterAddress: withDefault(
    option(
      "grpc_adapter.address",
      textWith(ADDRESS_FORM, addressProblem),
      "For `hypervisor = grpc`: where the adapter's process listens ([adapter-process.md](adapter-process.md)).",
    ),
    "unix:/run/configdrive/adapter.sock",
  ),
  adapterAnswerMs: withDefault(
    option(
      "grpc_adapter.answer_timeout",
      seconds(0.1, 3600),
      "How long the adapter may take to answer one call, in which a guest may take its time to let a device go.",
    ),
    "60",
  ),
  vsphereHost: option(
    "vsphere.host",
    hostName,
    "For `hypervisor = vsphere`: the vCenter whose machines are served ([vsphere.md](vsphere.md)).",
  ),
  vspherePort: withDefault(option("vsphere.port", integer(1, 65535), "Where it listens for HTTPS."), "443"),
  vsphereUser: option(
    "vsphere.user",
    text("the name of a user"),
    "Who the service is there, such as `configdrive@vsphere.local`.",
  ),
  vspherePassword: option("vsphere.password", secret, "The user's password.", { secret: true }),
  vsphereCaFile: option("vsphere.ca_file", absolutePath, "The certificates of those who may vouch for it, in PEM.", {
    fallbackShown: "those that Node.js knows",
  }),
  vsphereThumbprint: option(
    "vsphere.thumbprint",
    textWith("the SHA-256 of a certificate, in hexadecimal with or without colons", thumbprintProblem),
    "The certificate that it shows. With it nobody needs to vouch for that.",
  ),
  vsphereDatacenter: option(
    "vsphere.datacenter",
    text("the inventory path of a datacenter"),
    "The datacenter of `datastore`, such as `DC0` or `folder/DC0`.",
  ),
  vsphereDatastore: option(
    "vsphere.datastore",
    text("the name of a datastore"),
    "Where images are uploaded to, into the folder `configdrive`. The hosts of all machines that are served must see it.",
  ),
  vsphereAnswerMs: withDefault(
    option("vsphere.answer_timeout", seconds(0.1, 600), "How long vCenter may take to answer one call."),
    "30",
  ),
  vsphereTaskMs: withDefault(
    option("vsphere.task_timeout", seconds(0.1, 3600), "How long one of its tasks may take."),
    "120",
  ),
  lxdSocket: withDefault(
    option(
      "lxd.socket",
      absolutePath,
      "For `hypervisor = lxd`: the unix socket of this host's LXD ([lxd.md](lxd.md)).",
    ),
    "/var/lib/lxd/unix.socket",
  ),
  lxdTrees: withDefault(
    option(
      "lxd.trees",
      absolutePath,
      "Where drives are laid out as files, for containers to see. Only root enters it.",
    ),
    "/var/lib/configdrive/trees",
  ),
  lxdMountPath: withDefault(
    option(
      "lxd.mount_path",
      textWith("an absolute path, with {drive_id} in it where a container may have several drives", mountPathProblem),
      "Where a container sees a drive's files.",
    ),
    "/mnt/configdrive/{drive_id}",
  ),
  lxdAnswerMs: withDefault(
    option(
      "lxd.answer_timeout",
      seconds(0.1, 600),
      "How long LXD may take for one call, and for the change that it begins.",
    ),
    "30",
  ),
  ...ironicOptions,
} as const;

function text(form: string) {
  return textWith(form, (given) => (given.trim() === "" ? "must not be empty" : undefined));
}

function thumbprintProblem(given: string): string | undefined {
  return /^[0-9a-fA-F]{64}$/.test(given.replaceAll(":", ""))
    ? undefined
    : "must be 64 hexadecimal digits, with or without colons";
}
