import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import {
  DriveServiceClient,
  PopulateVolumeRequest,
  type WatchDrivesResponse,
} from "#gen/configdrive/v1/drive_service.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { DriveClient } from "./client.js";
import type { CallRecord } from "./served-call.js";
import { type GrpcDoor, openGrpcDoor } from "./server.js";

const DRIVE = "11111111-2222-4333-8444-555555555555";
let directory: string;
let door: GrpcDoor;
let client: DriveServiceClient;
let records: CallRecord[];

beforeEach(async () => {
  directory = await privateDirectory("grpc");
  records = [];
  door = await openGrpcDoor({
    policy: new Policy(),
    drives: new FakeDrives(() => DRIVE),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => "req-00000000-0000-4000-8000-000000000000",
    observe: (record) => records.push(record),
  });
  using drives = new DriveClient(door.target);
  const content = { $case: "blob", value: { data: Buffer.from("x"), elsewhere: undefined } } as const;
  await drives.populateVolume(PopulateVolumeRequest.fromPartial({ requestId: DRIVE, content }), { projectId: "p" });
  client = new DriveServiceClient(door.target, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function watch(request = { driveId: "", resumeToken: "" }, options: { deadline?: Date } = {}) {
  const headers = new Metadata();
  headers.set("x-project-id", "p");
  return client.watchDrives(request, headers, options);
}

async function two(stream: ClientReadableStream<WatchDrivesResponse>): Promise<readonly WatchDrivesResponse[]> {
  const [first]: WatchDrivesResponse[] = await once(stream, "data");
  const [second]: WatchDrivesResponse[] = await once(stream, "data");
  return [first, second].filter((event) => event !== undefined);
}

async function failure(stream: ClientReadableStream<WatchDrivesResponse>): Promise<ServiceError> {
  stream.resume();
  const [error] = await once(stream, "error");
  return error;
}

test("events come as they happen, and the stream stays open until the caller ends it", async () => {
  const stream = watch();
  const events = await two(stream);
  expect(events).toMatchObject([{ kind: 1 }, { kind: 3, driveId: DRIVE, resumeToken: DRIVE, drive: { id: DRIVE } }]);
  stream.cancel();
  expect((await failure(stream)).code).toBe(status.CANCELLED);
});

test("a request that breaks a limit is refused with its field", async () => {
  const error = await failure(watch({ driveId: "not a drive", resumeToken: "" }));
  expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining("drive_id") });
  expect(records.at(-1)).toMatchObject({
    method: "WatchDrives",
    projectId: "p",
    error: { reason: "INVALID_ARGUMENT" },
  });
});

test("a deadline ends the stream", async () => {
  const error = await failure(watch(undefined, { deadline: new Date(Date.now() + 300) }));
  expect(error.code).toBe(status.DEADLINE_EXCEEDED);
});

test("a door that drains ends its watches at once and says why", async () => {
  const stream = watch();
  await two(stream);
  const ended = failure(stream);
  await door.drain(AbortSignal.timeout(10_000));
  expect(await ended).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining("stopping") });
});
