import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import { type GrpcDoor, openGrpcDoor } from "#grpc/server.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { PLAIN } from "../screen.js";
import { registerInstanceCommands } from "./commands.js";

const ID = "11111111-2222-4333-8444-555555555555";

let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;
beforeEach(async () => {
  directory = await privateDirectory("cli");
  drives = new FakeDrives(() => ID);
  const listen = `unix:${join(directory, "s")}`;
  door = await openGrpcDoor({ drives, policy: new Policy(), listen, newRequestId: () => `req-${ID}` });
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Runs `configdrive instance …` and gives what it printed. */
async function instance(...args: string[]): Promise<string> {
  let printed = "";
  const command = new Command("instance").exitOverride().configureOutput({ writeErr: () => {} });
  registerInstanceCommands(command, {
    env: { CONFIGDRIVE_SERVER: door.target, OS_PROJECT_ID: "demo" },
    write: (text) => {
      printed += text;
    },
    screen: PLAIN,
    newRequestId: () => ID,
    now: () => new Date(),
  });
  await command.parseAsync(args, { from: "user" });
  return printed;
}

test("from run to terminate, each command says what became of the instance", async () => {
  const [template, data] = [join(directory, "vm.json"), join(directory, "data.json")];
  await writeFile(template, '{"arguments": []}');
  await writeFile(data, "{}");
  const content = ["--layout", "openstack", "--data", data];
  const ran = await instance(
    "run",
    "--template",
    template,
    ...content,
    "--name",
    "web",
    "--count",
    "2",
    "--at-most",
    "3",
    "--bus",
    "virtio",
    "--keep",
  );
  expect(ran).toContain(`${ID}  RUNNING`);
  expect(drives.instances.seen[0]).toEqual({
    ...{
      requestId: ID,
      template: '{"arguments": []}',
      name: "web",
      host: "",
      minCount: 2,
      maxCount: 3,
      label: "",
      sizeBytes: 0,
    },
    content: { kind: "config_data", layout: "openstack", guest: "linux", json: "{}" },
    ...{ bus: "virtio", deleteOnTermination: false },
  });
  expect(await instance("list")).toBe(`${ID}  RUNNING  web\n`);
  expect(await instance("stop", ID, "--now")).toContain("STOPPED");
  expect(drives.instances.seen[1]).toMatchObject({ instanceId: ID, graceMs: 0 });
  await instance("stop", ID);
  expect(drives.instances.seen[2]).toMatchObject({ graceMs: 60_000 });
  expect(await instance("start", ID)).toContain("RUNNING");
  expect(JSON.parse(await instance("show", ID, "--json"))).toMatchObject({
    instance: { id: ID, state: "INSTANCE_STATE_RUNNING" },
  });
  expect(await instance("terminate", ID)).toBe("");
  await expect(instance("show", ID)).rejects.toThrow("INSTANCE_NOT_FOUND");
});

test("how many is a number", async () => {
  await expect(instance("run", "--template", "none", "--count", "0")).rejects.toThrow("must be from 1 to 100");
});
