import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { registerCheck } from "./check.js";

let folder: string;
beforeEach(async () => {
  folder = await privateDirectory("check");
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs `config check` on a file with this text. */
async function check(text: string, ...more: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(folder, "c.conf");
  await writeFile(file, text);
  let said = "";
  let code = 0;
  const command = new Command("config").exitOverride();
  registerCheck(command, {
    env: { OS_DEFAULT__HOST: "compute-1" },
    write: (more) => {
      said += more;
    },
    exit: (with_) => {
      code = with_;
    },
  });
  await command.parseAsync(["check", "--config-file", file, ...more], { from: "user" });
  return { code, said: said.replaceAll(`${folder}/`, "") };
}

test("a configuration that can be used is told of without its secrets, and what looks mistyped is warned of", async () => {
  await writeFile(join(folder, "password"), "hunter2$x\n");
  const { code, said } = await check(
    "[DEFAULT]\ntransport_url = rabbit://u:hunter3@broker:5673/\n[grpc]\nlisten = 127.0.0.1:0\nlistne = x\n" +
      `[keystone_authtoken]\nauth_url = https://controller:5000\nusername = c\npassword_file = ${folder}/password\n` +
      "[catalog]\nconnection = mysql://u:hunter4@db/c\n",
  );
  expect(code).toBe(0);
  expect(said).toBe(
    [
      "warning: c.conf:5: [grpc] listne is not an option; did you mean listen?",
      "role        both on compute-1",
      "bus         broker:5673",
      "gRPC        127.0.0.1:0",
      "catalog     mysql",
      "Keystone    https://controller:5000",
      "hypervisor  qemu",
      "policy      the defaults",
      "metrics     none",
      "the configuration can be used",
      "",
    ].join("\n"),
  );
});

test("everything that is wrong is a line, and the exit code is that of a start", async () => {
  const { code, said } = await check("[DEFAULT]\ndebug = maybe\n[drives]\nimage_mode = 9\n");
  expect(code).toBe(78);
  expect(said).toBe(
    'error: c.conf:2: [DEFAULT] debug = "maybe": must be true or false\n' +
      'error: c.conf:4: [drives] image_mode = "9": must be permission bits in octal, such as 0640\n',
  );
});

test.each([
  ["nova", "[DEFAULT] transport_url"],
  ["vsphere", "[vsphere] host"],
  ["openstack", "[openstack] auth_url"],
  ["ironic", "[ironic] endpoint_override"],
])("what %s cannot do without is missed, but by a service whose hosts have agents", async (hypervisor, option) => {
  const drives = `[drives]\nhypervisor = ${hypervisor}\n`;
  const { code, said } = await check(drives);
  expect([code, said]).toEqual([78, `error: ${option} is required with [drives] hypervisor = ${hypervisor}\n`]);
  const bus = "[DEFAULT]\nrole = service\ntransport_url = rabbit://broker/\n";
  expect((await check(bus + drives)).code).toBe(0);
});

test("the same as JSON, for programs", async () => {
  const good = await check(
    "[DEFAULT]\ntransport_url = rabbit://u:hunter3@broker:5673/\n[grpc]\nlistne = x\n",
    "--json",
  );
  expect([good.code, JSON.parse(good.said)]).toEqual([
    0,
    {
      usable: true,
      errors: [],
      warnings: ["c.conf:4: [grpc] listne is not an option; did you mean listen?"],
      service: {
        ...{ role: "both", host: "compute-1", bus: ["broker:5673"], grpc: ["unix:/run/configdrive/grpc.sock"] },
        ...{ catalog: "sqlite", keystone: null, hypervisor: "qemu", policy: null, metrics: null },
      },
    },
  ]);
  const bad = await check("[DEFAULT]\ndebug = maybe\n", "--json");
  expect([bad.code, JSON.parse(bad.said)]).toEqual([
    78,
    { usable: false, errors: ['c.conf:2: [DEFAULT] debug = "maybe": must be true or false'], warnings: [] },
  ]);
  const agent = await check("[DEFAULT]\nrole = agent\ntransport_url = rabbit://u:p@broker/\n", "--json");
  expect(Object.keys(JSON.parse(agent.said).service)).toEqual([
    "role",
    "host",
    "bus",
    "hypervisor",
    "policy",
    "metrics",
  ]);
});

test.each<[string, string, string]>([
  [
    "given twice",
    "key = hunter2\nkey_file = FOLDER/key",
    "c.conf:3: [swift] key_file = key: key is given too, at c.conf:2",
  ],
  ["in no file", "key_file = /nonexistent/key", "/nonexistent/key: cannot be read: ENOENT"],
  ["empty", "key_file = FOLDER/empty", "c.conf:2: [swift] key_file = empty: the file is empty"],
])("a secret that is %s is refused", async (_what, lines, says) => {
  await writeFile(join(folder, "key"), "k");
  await writeFile(join(folder, "empty"), "\n");
  const { code, said } = await check(`[swift]\n${lines.replaceAll("FOLDER", folder)}\n`);
  expect([code, said]).toEqual([78, expect.stringContaining(`error: ${says}`)]);
  expect(said).not.toContain("hunter2");
});
