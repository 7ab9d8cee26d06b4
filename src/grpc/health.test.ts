import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { credentials, loadPackageDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import type { Call } from "#drive/use-cases.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { DriveClient } from "./client.js";
import { type GrpcDoor, openGrpcDoor } from "./server.js";

let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;
let client: DriveClient;

beforeEach(async () => {
  directory = await privateDirectory("health");
  drives = new FakeDrives(() => "11111111-2222-4333-8444-555555555555");
  door = await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => "req-1",
  });
  client = new DriveClient(door.target);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Holds the next call in its use case until `release`; `entered` gives what the use case was told. */
function hold() {
  const entered = Promise.withResolvers<Call>();
  const held = Promise.withResolvers<void>();
  drives.before = (call) => {
    entered.resolve(call);
    return held.promise;
  };
  return { entered: entered.promise, release: () => held.resolve() };
}

const { Health } = (loadPackageDefinition(loadSync(protoPath, { enums: String })) as never as HealthPackage).grpc.health
  .v1;
const check = (service: string) =>
  new Promise<string>((resolve) => {
    const health = new Health(door.target, credentials.createInsecure());
    health.check({ service }, (error, answer) => {
      health.close();
      resolve(error === null ? String(answer.status) : status[error.code]!);
    });
  });

test("the server and the service answer; others are unknown", async () => {
  expect(await check("")).toBe("SERVING");
  expect(await check("configdrive.v1.DriveService")).toBe("SERVING");
  expect(await check("other")).toBe("NOT_FOUND");
  door.setServing(false);
  expect(await check("")).toBe("NOT_SERVING");
});

test("a watcher is told of the drain, which waits for the calls under way and ends with its socket gone", async () => {
  const watching = new Health(door.target, credentials.createInsecure());
  const answers: string[] = [];
  const stopped = Promise.withResolvers<void>();
  const stream = watching.watch({ service: "" });
  stream.on("data", (answer) => {
    answers.push(String(answer.status));
    if (answer.status === "NOT_SERVING") stopped.resolve();
  });
  stream.on("error", () => {});
  const { entered, release } = hold();
  const running = client.listDrives({});
  await entered;
  const drained = door.drain(new AbortController().signal);
  await stopped.promise;
  expect(answers).toEqual(["SERVING", "NOT_SERVING"]);
  using newcomer = new DriveClient(door.target);
  await expect(newcomer.listDrives({})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  release();
  expect(await running).toMatchObject({ drives: [] });
  await drained;
  watching.close();
  expect(await readdir(directory)).toEqual([]);
});

test("a drain ends at its deadline though a call does not", async () => {
  const { entered, release } = hold();
  const stuck = client.listDrives({}).catch((error: unknown) => error);
  const { signal } = await entered;
  await door.drain(AbortSignal.timeout(20));
  expect(await stuck).toMatchObject({ code: status.UNAVAILABLE, reason: "SHUTTING_DOWN", retryAfterMs: 1000 });
  expect(signal.reason).toMatchObject({ reason: "SHUTTING_DOWN" });
  release();
});

interface HealthAnswer {
  readonly status: string;
}
interface HealthClient {
  check(request: { service: string }, callback: (error: ServiceError | null, answer: HealthAnswer) => void): void;
  watch(request: { service: string }): NodeJS.EventEmitter;
  close(): void;
}
interface HealthPackage {
  grpc: { health: { v1: { Health: new (target: string, credentials: unknown) => HealthClient } } };
}
