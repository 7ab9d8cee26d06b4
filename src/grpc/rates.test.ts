import { rm } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import { CallerRates, noRates, type RateSettings } from "#api/rates/caller-rates.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { DriveClient } from "./client.js";
import { type GrpcDoor, openGrpcDoor } from "./server.js";

const ID = "11111111-2222-4333-8444-555555555555";
let directory: string;
let door: GrpcDoor;
let client: DriveClient;

beforeEach(async () => {
  directory = await privateDirectory("grpc");
});
afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** The door with these rates, to which the operator is held too. */
async function open(settings: Partial<RateSettings>): Promise<void> {
  door = await openGrpcDoor({
    drives: new FakeDrives(() => ID),
    policy: new Policy([{ name: "rate_unlimited", text: "!", line: 1 }]),
    rates: new CallerRates({ ...noRates, ...settings }, () => 0),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => `req-${ID}`,
  });
  client = new DriveClient(door.target);
}

async function* messages(...parts: readonly Buffer[]) {
  for (const data of parts) yield { data, sizeBytes: 0n, sha256: "" };
}

test("every kind of call is counted, and a refusal says when to come back", async () => {
  await open({ userCalls: { perSecond: 4, atOnce: 2 } });
  await client.listDrives({});
  await client.uploadContent(messages(Buffer.from("x")), { projectId: "p" });
  const refused = { code: status.RESOURCE_EXHAUSTED, reason: "RATE_LIMITED", retryAfterMs: 250 };
  await expect(client.listDrives({})).rejects.toMatchObject({ ...refused, metadata: { rate: "user_calls" } });
  await expect(client.uploadContent(messages(Buffer.from("x")))).rejects.toMatchObject(refused);
  await expect(client.watchDrives({})[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
});

test("an upload's bytes are counted as they come", async () => {
  await open({ projectBytes: { perSecond: 1000, atOnce: 1000 } });
  await client.uploadContent(messages(Buffer.alloc(2000), Buffer.alloc(2000)), { projectId: "p" });
  await expect(client.listDrives({}, { projectId: "p" })).rejects.toMatchObject({
    reason: "RATE_LIMITED",
    metadata: { rate: "project_bytes" },
    retryAfterMs: 3001,
  });
  await client.listDrives({}, { projectId: "other" });
});
