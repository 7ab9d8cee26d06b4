import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { Service } from "#integration/rigs/service.js";
import { get, populate } from "./calls.js";
import { logged } from "./logged.js";
import { runProgram } from "./program.js";

let folder: string;
beforeAll(async () => {
  folder = await privateDirectory("start");
});
afterAll(async () => rm(folder, { recursive: true }));

test("a configuration that cannot be used ends with 78 and says each place", async () => {
  const file = join(folder, "bad.conf");
  await writeFile(file, "[grpc]\nlisten = 0.0.0.0:1\n[drives]\ndirectory = here\n");
  const { code, stderr } = await runProgram(["serve", "--config-file", file]);
  expect(code).toBe(78);
  expect(stderr.trim().split("\n")).toEqual([
    expect.stringContaining(`configdrive: ${file}:2: [grpc] listen = "0.0.0.0:1": `),
    `configdrive: ${file}:4: [drives] directory = "here": must be an absolute path`,
  ]);
}, 120_000);

test("of several files the later ones count, however they are named", async () => {
  const [first, second] = [join(folder, "first.conf"), join(folder, "second.conf")];
  await writeFile(first, "[grpc]\nlisten = nowhere\n");
  await writeFile(second, "[grpc]\nlisten = elsewhere\n");
  const together = await runProgram(["serve", "--config-file", first, second]);
  const apart = await runProgram(["serve", "--config-file", first, "--config-file", second]);
  expect(together).toEqual({ code: 78, stderr: expect.stringContaining(`${second}:2: [grpc] listen = "elsewhere"`) });
  expect(apart).toEqual(together);
}, 120_000);

test("a second service on the same catalog ends with 75 and names the first, which lives on", async () => {
  await using service = await Service.start({});
  await using door = new GrpcDoor(service.address);
  const drive = await populate(door, 1);
  const second = await runProgram(["serve", "--config-file", service.configFile], {
    OS_GRPC__LISTEN: "127.0.0.1:0",
  });
  expect(second.code).toBe(75);
  expect(second.stderr).toContain("CATALOG_LOCKED");
  expect(second.stderr).toContain(`process ${service.pid}`);
  expect(await get(door, drive.id)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE" });
}, 120_000);

test("a service that was killed starts again on its catalog and knows its drives", async () => {
  await using service = await Service.start({});
  await using door = new GrpcDoor(service.address);
  const drive = await populate(door, 1);
  await service.kill();
  await service.start();
  expect(await get(door, drive.id)).toEqual(drive);
}, 120_000);

test("on files of another catalog it ends with 78, says what to do, and removes nothing", async () => {
  await using service = await Service.start({});
  await using door = new GrpcDoor(service.address);
  const drive = await populate(door, 1);
  expect(await service.terminate()).toBe(0);
  const before = await service.filesOfDrive(drive.id);
  expect(before).toHaveLength(2);
  const mistaken = { OS_CATALOG__CONNECTION: `sqlite:///${join(folder, "mistaken.sqlite")}` };
  const { code, stderr } = await runProgram(["serve", "--config-file", service.configFile], mistaken);
  expect(code).toBe(78);
  for (const words of [service.drives, "[catalog] connection", `remove ${join(service.drives, ".catalog")}`])
    expect(stderr).toContain(words);
  expect(await service.filesOfDrive(drive.id)).toEqual(before);
  await service.start();
  expect(await get(door, drive.id)).toEqual(drive);
}, 120_000);

test.each([
  ["the place of the images is a file", { OS_DRIVES__DIRECTORY: "file" }, "STORAGE_FAILED"],
  ["the place of the catalog is below a file", { OS_CATALOG__CONNECTION: "sqlite:///file/catalog" }, "CATALOG_FAILED"],
  ["something that is no socket stands where gRPC listens", { OS_GRPC__LISTEN: "unix:file" }, "INVALID_ARGUMENT"],
])(
  "where %s it ends with 1 and says so",
  async (_, env, reason) => {
    await writeFile(join(folder, "file"), "");
    const base = {
      OS_CATALOG__CONNECTION: `sqlite:///${join(folder, "catalog.sqlite")}`,
      OS_DRIVES__DIRECTORY: join(folder, "drives"),
      OS_GRPC__LISTEN: "127.0.0.1:0",
    };
    const given = Object.entries(env).map(([name, value]) => [name, value.replace("file", join(folder, "file"))]);
    const { code, stderr } = await runProgram(["serve"], { ...base, ...Object.fromEntries(given) });
    const last: unknown = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ level: "fatal", event: "failed", reason, msg: expect.stringContaining("file") });
    expect(code).toBe(1);
  },
  120_000,
);

test("the ready line names the endpoints, and no line of the log shows a password", async () => {
  await using service = await Service.make({ transportUrl: "rabbit://user:hunter2@127.0.0.1:1/" });
  await service.start();
  await logged(service, "ready");
  const log = await service.logged();
  const lines: { event?: string; endpoints?: object }[] = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.find(({ event }) => event === "ready")?.endpoints).toEqual({
    grpc: service.address,
    bus: {
      transport: "rabbit://user:***@127.0.0.1:1/%2F",
      exchange: "configdrive",
      topic: "configdrive",
      server: "compute-1",
      listening: false,
    },
  });
  expect(log).not.toContain("hunter2");
}, 120_000);
