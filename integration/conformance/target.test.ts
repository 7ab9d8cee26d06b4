import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

/** How `make conformance` ended. */
interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `make conformance` as somebody does who has a service running somewhere. */
function makeConformance(target: string, instances = ""): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((end) => {
    const args = ["--silent", "conformance", `TARGET=${target}`, `INSTANCES=${instances}`];
    const child = execFile("make", args, { env, maxBuffer: 16 << 20 }, (_error, stdout, stderr) =>
      end({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}

const full = process.env.FORM === "full";
const scope = new Scope();
let instances = "";
let busUrl = "";

/** A service that is somebody's: with instances `web` and `db`, at an address of its own. */
async function somebodys(listen?: string): Promise<Service> {
  return await scope.own(
    Service.start({ instances, transportUrl: busUrl, ...(listen === undefined ? {} : { listen }) }),
  );
}

beforeAll(async () => {
  instances = await privateDirectory("instances");
  for (const instance of ["web", "db"]) await mkdir(join(instances, instance));
  busUrl = (await scope.own(RabbitMq.start())).transportUrl;
}, 120_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(instances, { recursive: true, force: true });
}, 60_000);

const passed = (output: string) => Number(/Tests: .*?(\d+) passed/.exec(output)?.[1] ?? 0);

test("a service somewhere passes at each of its doors, and is left as it was", async () => {
  const service = await somebodys();
  await using door = new GrpcDoor(service.address);
  for (const target of full ? [service.address, busUrl] : [busUrl]) {
    const { code, output } = await makeConformance(target, "web,db");
    expect([code, output]).toEqual([0, expect.stringMatching(/on the target/)]);
    expect(output).toContain("AttachDrive");
    expect(passed(output)).toBeGreaterThan(15);
    expect(output).not.toMatch(/skipped|todo|failed/);
    expect((await door.call("list_drives", {})).drives).toEqual([]);
  }
  await service.kill();
}, 300_000);

if (full) {
  test("without instances the cases of drives that nobody has are tried, at a TCP port too", async () => {
    const service = await somebodys(`127.0.0.1:${await freePort()}`);
    const { code, output } = await makeConformance(service.address);
    expect([code, output]).toEqual([0, expect.stringMatching(/over gRPC/)]);
    expect(passed(output)).toBeGreaterThan(8);
    expect(output).not.toContain("AttachDrive");
    await service.kill();
  }, 300_000);

  test("nobody at the target fails every case, and no target is told how it is written", async () => {
    const { code, output } = await makeConformance("unix:/nowhere/grpc.sock");
    expect(code).not.toBe(0);
    expect(output).toContain("UNAVAILABLE");
    expect(output).not.toContain("passed");
    const none = await makeConformance("");
    expect(none.code).not.toBe(0);
    expect(none.output).toContain("TARGET=unix:");
  }, 300_000);
}
