// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of oslo.config, not of JavaScript
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { loadConfig } from "./load.js";

let folder: string;
beforeEach(async () => {
  folder = await privateDirectory("config");
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problems(files: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(files, env);
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(`${folder}/`, "").split("\n") : [];
  }
  return [];
}

const warnings = (files: string[], env: Record<string, string> = {}) =>
  loadConfig(files, env)
    .unknown.filter(({ level }) => level === "warn")
    .map(({ message }) => message.replaceAll(`${folder}/`, ""));

test("without a file every option has its default, and there is no bus", () => {
  const { config, bus } = loadConfig([], {});
  expect(config).toMatchObject({
    grpcListen: "unix:/run/configdrive/grpc.sock",
    imageDirectory: "/var/lib/configdrive/drives",
    imageMode: 0o640,
    drainMs: 60_000,
    debug: false,
  });
  expect(config.catalogConnection.reveal()).toBe("sqlite:////var/lib/configdrive/catalog.sqlite");
  expect(config.imageGroup).toBeUndefined();
  expect(bus).toBeUndefined();
});

test("a service and an agent need the bus, on which they meet", () => {
  for (const role of ["service", "agent"]) {
    const conf = file("role.conf", `[DEFAULT]\nrole = ${role}\n`);
    expect(problems([conf])).toEqual([
      `role.conf:2: role = ${role} needs transport_url: services and agents meet on the bus`,
    ]);
    expect(loadConfig([conf], { OS_DEFAULT__TRANSPORT_URL: "rabbit://u:p@h/" }).config.role).toBe(role);
  }
  expect(problems([file("role.conf", "[DEFAULT]\nrole = compute\n")])[0]).toContain("both or service or agent");
});

test("a service has the buses of other cells; a process with a host of its own has one", () => {
  const urls = "cell_transport_urls = rabbit://u:p@h/c1 rabbit://u:p@h/c2\n";
  const conf = (role: string, more = "") =>
    file("cells.conf", `[DEFAULT]\ntransport_url = rabbit://u:p@h/\nrole = ${role}\n${urls}${more}`);
  const heard = "[nova_notifications]\ncell_transport_urls = rabbit://u:p@n/\n";
  const { cells, notifying } = loadConfig([conf("service", heard)], {});
  expect(cells.map(({ url }) => url.virtualHost)).toEqual(["c1", "c2"]);
  expect(notifying.map(({ url }) => url.hosts[0]?.hostname)).toEqual(["n"]);
  for (const role of ["both", "agent"]) {
    expect(problems([conf(role)])).toEqual([
      `cells.conf:4: is for role = service; role = ${role} has the cell of its host`,
    ]);
  }
  expect(
    problems([
      file("bad.conf", `${"[DEFAULT]\ntransport_url = rabbit://u:p@h/\nrole = service\n"}${urls.trim()} c3\n`),
    ]),
  ).toEqual(["bad.conf:4: URL 3 of 3: transport_url: must have the form rabbit://user:password@host:port/vhost"]);
});

test("a later file goes over an earlier one, a later line over an earlier one, and the environment over all", () => {
  const first = file(
    "a.conf",
    "[DEFAULT]\nhost = a\nhost = b\n[grpc]\nlisten = 127.0.0.1:1\n[drives]\nimage_mode = 0600\n",
  );
  const second = file("b.conf", "[DEFAULT]\nhost = c\n[grpc]\nlisten = 127.0.0.1:2\n");
  expect(loadConfig([first], {}).config.host).toBe("b");
  const { config } = loadConfig([first, second], { OS_GRPC__LISTEN: "127.0.0.1:3" });
  expect(config).toMatchObject({ host: "c", grpcListen: "127.0.0.1:3", imageMode: 0o600 });
});

test("the bus is read from the groups that every OpenStack service has", () => {
  const nova = file(
    "nova.conf",
    "[DEFAULT]\ntransport_url = rabbit://u:p%40ss@h1:5673,u:p@h2/cell1?ssl=1\ncontrol_exchange = nova\nmy_ip = 10.0.0.1\n" +
      "[oslo_messaging_rabbit]\namqp_durable_queues = true\n[libvirt]\nvirt_type = kvm\n",
  );
  const { bus, unknown } = loadConfig([nova], { OS_OSLO_MESSAGING_RABBIT__HEARTBEAT_RATE: "5" });
  expect(bus?.url).toMatchObject({ virtualHost: "cell1", hosts: [{ hostname: "h1", port: 5673 }, { hostname: "h2" }] });
  expect(bus?.rabbit).toMatchObject({ amqp_durable_queues: true, heartbeat_rate: 5, ssl: true });
  expect(unknown.filter(({ level }) => level === "warn")).toEqual([]);
  expect(unknown.map(({ message }) => message.replace(`${folder}/`, ""))).toEqual([
    "nova.conf:4: [DEFAULT] my_ip is not an option",
    "nova.conf:8: [libvirt] is not ours",
  ]);
});

test("a backup file for a catalog that is a server's is refused", () => {
  const env = { OS_CATALOG__CONNECTION: "postgresql://u:p@h/d", OS_CATALOG__BACKUP_FILE: "/backup" };
  expect(() => loadConfig([], env)).toThrow("[catalog] backup_file: is for SQLite; pg_dump");
});

test("audit events without a bus to go over are refused; rates are read, and none is off", () => {
  expect(() => loadConfig([], { OS_AUDIT__TOPICS: "audit" })).toThrow("[audit] topics: needs transport_url");
  const { config } = loadConfig([], { OS_LIMITS__USER_CALLS_PER_SECOND: "5" });
  expect(config).toMatchObject({ userCallsPerSecond: 5, userCallsAtOnce: 100, auditTopics: [] });
  expect(config.projectCallsPerSecond).toBe(Number.POSITIVE_INFINITY);
  expect(problems([], { OS_LIMITS__PROJECT_CALLS_PER_SECOND: "0" })).toEqual([
    expect.stringMatching(/: must be a whole number from 1 to 1000000000, or -1 for any number$/),
  ]);
});

test("an unknown name is warned of with the nearest known one, where it looks like one of ours", () => {
  const conf = file(
    "c.conf",
    "[DEFAULT]\ntransport_url = rabbit://\ntransport_ulr = x\ncompute_driver = y\n[drives]\ndirectry = /x\nzzz = 1\n[qmeu]\nqmp_socket = /x\n" +
      "[oslo_messaging_rabbit]\namqp_durable_queue = 1\nrabbit_quorum_queues = 1\n",
  );
  expect(warnings([conf], { OS_CATALOG__CONECTION: "x" })).toEqual([
    "c.conf:3: [DEFAULT] transport_ulr is not an option; did you mean transport_url?",
    "c.conf:6: [drives] directry is not an option; did you mean directory?",
    "c.conf:7: [drives] zzz is not an option",
    "c.conf:9: [qmeu] is not a group of ours; did you mean [qemu]?",
    "c.conf:12: [oslo_messaging_rabbit] rabbit_quorum_queues is not an option; did you mean rabbit_quorum_queue?",
    "OS_CATALOG__CONECTION: [catalog] conection is not an option; did you mean connection?",
  ]);
});

test("every bad value is refused with its place, its text and the rule", () => {
  const conf = file(
    "d.conf",
    "[DEFAULT]\nhost = a b\ndebug = maybe\ngraceful_shutdown_timeout = -1\n[grpc]\nlisten = 0.0.0.0:50051\n[catalog]\n" +
      "connection = sqlite:///relative\n[drives]\ndirectory = x\nimage_mode = 888\nimage_group = nova\n[qemu]\nqmp_socket = /x\n" +
      "[grpc_adapter]\naddress = 127.0.0.1:0\n",
  );
  expect(problems([conf], { OS_QEMU__UNPLUG_TIMEOUT: "soon" })).toEqual([
    'd.conf:2: [DEFAULT] host = "a b": must be letters, digits, `.`, `_`, `:` and `-`, the first a letter or a digit, 255 at most',
    'd.conf:3: [DEFAULT] debug = "maybe": must be true or false',
    'd.conf:4: [DEFAULT] graceful_shutdown_timeout = "-1": must be seconds, from 0 to 3600',
    'd.conf:6: [grpc] listen = "0.0.0.0:50051": only unix:/path, 127.0.0.1, [::1] and localhost are served without TLS; tls_listen serves others',
    "d.conf:8: [catalog] connection = (not shown): must be sqlite:////absolute/path (four slashes), postgresql://… or mysql://…",
    'd.conf:10: [drives] directory = "x": must be an absolute path',
    'd.conf:11: [drives] image_mode = "888": must be permission bits in octal, such as 0640',
    'd.conf:12: [drives] image_group = "nova": must be a whole number from 0 to 4294967294',
    'd.conf:14: [qemu] qmp_socket = "/x": must contain {instance_id}',
    'OS_QEMU__UNPLUG_TIMEOUT: [qemu] unplug_timeout = "soon": must be seconds, from 0.1 to 600',
    'd.conf:16: [grpc_adapter] address = "127.0.0.1:0": the port must be from 1 to 65535',
  ]);
});

test("a transport URL or an option of the bus that cannot work is refused with its place, and never with its text", () => {
  const url = file("e.conf", "[DEFAULT]\ntransport_url = rabbit://u:hunter2@h:port/\n");
  const option = file("f.conf", "[DEFAULT]\ntransport_url = rabbit://\n[oslo_messaging_rabbit]\nheartbeat_rate = x\n");
  expect(problems([url])).toEqual([expect.stringMatching(/^e\.conf:2: transport_url: /)]);
  expect(problems([url]).join()).not.toContain("hunter2");
  expect(problems([option])).toEqual([expect.stringMatching(/^f\.conf:4: heartbeat_rate: must be a whole number/)]);
});

test("the transport URL is never shown", () => {
  const { config } = loadConfig([], { OS_DEFAULT__TRANSPORT_URL: "rabbit://u:hunter2@h/" });
  expect(config.transportUrl?.reveal()).toContain("hunter2");
  expect(JSON.stringify(config) + inspect(config) + String(config.transportUrl)).not.toContain("hunter2");
});

test("a value may refer to others, also to options of other services", () => {
  const conf = file(
    "h.conf",
    "[DEFAULT]\nstate_path = /srv\nlock_path = $nowhere/lock\ntransport_url = rabbit://u:pa$$word@h/\n[drives]\n" +
      "directory = $state_path/drives\n[oslo_messaging_rabbit]\nssl_ca_file = ${state_path}/ca.pem\n",
  );
  const { config, bus } = loadConfig([conf], {});
  expect(config.imageDirectory).toBe("/srv/drives");
  expect(config.transportUrl?.reveal()).toBe("rabbit://u:pa$word@h/");
  expect(bus?.rabbit.ssl_ca_file).toBe("/srv/ca.pem");
  const bad = file("i.conf", "[DEFAULT]\ntransport_url = rabbit://u:hun$ter2@h/\n[drives]\ndirectory = ${x.y}\n");
  expect(problems([bad])).toEqual([
    "i.conf:2: [DEFAULT] transport_url refers to a name that is not given; a dollar sign itself is written $$",
    "i.conf:4: [drives] directory refers to a name that is not given; a dollar sign itself is written $$",
  ]);
});

test("a file of the bus's TLS that is not there is refused by its option's name", () => {
  const missing = file(
    "t.conf",
    "[DEFAULT]\ntransport_url = rabbit://u:p@h/\n[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /nonexistent/ca.pem\n",
  );
  expect(problems([missing])).toEqual([expect.stringMatching(/^t\.conf:5: ssl_ca_file: .*\/nonexistent\/ca\.pem/)]);
});

test("a file that cannot be read or parsed is refused with what is wrong", () => {
  expect(problems([join(folder, "none")])).toEqual([expect.stringMatching(/^none: cannot be read: ENOENT/)]);
  expect(problems([file("g.conf", "host = x\n")])).toEqual(["g.conf:1: host stands before any [group]"]);
});

test("a Keystone that could not be asked is refused, and others' options in its group are passed over", () => {
  const given = "[keystone_authtoken]\nauth_url = https://controller:5000\nmemcached_servers = x\nusernam = y\n";
  expect(problems([file("k.conf", given)])).toEqual(["[keystone_authtoken] auth_url: needs username and password"]);
  const whole = file("l.conf", `${given}username = u\npassword = hunter2\n`);
  expect(warnings([whole])).toEqual([
    "l.conf:4: [keystone_authtoken] usernam is not an option; did you mean username?",
  ]);
  const { keystone } = loadConfig([whole], {});
  expect(keystone).toMatchObject({ authUrl: "https://controller:5000", projectName: "service", cacheMs: 300_000 });
  const ca = { OS_KEYSTONE_AUTHTOKEN__CAFILE: "/nonexistent/ca" };
  expect(() => loadConfig([whole], ca)).toThrow(
    "[keystone_authtoken] cafile = /nonexistent/ca: cannot be read: ENOENT",
  );
});

test("nova is asked for its instances where its API is named, and by somebody", () => {
  const given = "[nova_api]\nendpoint_override = http://controller:8774/v2.1\n";
  expect(problems([file("n.conf", given)])).toEqual([
    "[nova_api] endpoint_override: needs auth_url, username and password",
  ]);
  const whole = file("o.conf", `${given}auth_url = http://controller:5000\nusername = u\npassword = hunter2\n`);
  expect(loadConfig([whole], {}).nova).toMatchObject({
    endpoint: "http://controller:8774/v2.1",
    everyMs: 600_000,
    login: { authUrl: "http://controller:5000", username: "u", projectName: "service" },
  });
  expect(loadConfig([], {}).nova).toBeUndefined();
});
