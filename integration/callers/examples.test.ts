import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { protoDirectory } from "#api/contract-files.js";
import { FakeService } from "#fake/fake-service.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

const run = promisify(execFile);
jest.setTimeout(120_000);

const scope = new Scope();
let folder: string;
let service: Service;

beforeAll(async () => {
  folder = await privateDirectory("examples");
  await mkdir(join(folder, "instances/vm-1"), { recursive: true });
  service = await scope.own(Service.start({ instances: join(folder, "instances") }));
}, 120_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** How a program of each language is made from the protos, and run. */
const LANGUAGES = {
  async Python(home: string) {
    const protos = ["configdrive/v1", "google/rpc"].map(async (below) =>
      (await readdir(join(protoDirectory(), below))).map((name) => join(below, name)),
    );
    await run("protoc", [
      ...[`--proto_path=${protoDirectory()}`, `--python_out=${home}`, `--grpc_python_out=${home}`],
      "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
      ...(await Promise.all(protos)).flat(),
    ]);
    const env = { ...process.env, PYTHONPATH: home, PYTHONDONTWRITEBYTECODE: "1" };
    const program = resolve("integration/examples/python/drives.py");
    return (target: string) => run("/usr/bin/python3", [program, target, "vm-1"], { env });
  },
  async Go(home: string) {
    const env = { ...process.env, GOCACHE: resolve(".cache/go") };
    await run("integration/examples/go/build", [home], { env });
    return (target: string) => run(join(home, "drives"), [target, "vm-1"]);
  },
};

const told = [
  "vm-1 sees generation 1",
  "config.json will change",
  "vm-1 sees generation 2",
  "not deleted: DRIVE_ATTACHED",
  "deleted",
  "",
].join("\n");

describe.each(["Python", "Go"] as const)("the example in %s", (language) => {
  let program: (target: string) => Promise<{ readonly stdout: string }>;
  beforeAll(async () => {
    const home = join(folder, language);
    await mkdir(home);
    program = await LANGUAGES[language](home);
  }, 300_000);

  test("does on the service what it says", async () => {
    expect((await program(service.address)).stdout).toBe(told);
  });

  test("tries again, under the same request id, what may pass", async () => {
    await using fake = await FakeService.start({ instances: ["vm-1"] });
    fake.refuse("AttachDrive", "DRIVE_BUSY");
    fake.refuse("DetachDrive", "DEVICE_BUSY");
    expect((await program(fake.target)).stdout).toBe(told);
    expect(fake.machines.changes).toEqual(["attach vm-1 1", "refresh vm-1 2", "detach vm-1"]);
  });
});
