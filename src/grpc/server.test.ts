import { rm } from "node:fs/promises";
import { join } from "node:path";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import { Refusal } from "#drive/refusal.js";
import type { Call } from "#drive/use-cases.js";
import {
  DriveServiceClient,
  GetDriveRequest,
  ListDrivesRequest,
  PopulateVolumeRequest,
} from "#gen/configdrive/v1/drive_service.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { DriveClient } from "./client.js";
import { takeLibraryLog } from "./library-log.js";
import { RemoteError } from "./remote-error.js";
import type { CallRecord } from "./served-call.js";
import { type GrpcDoor, openGrpcDoor } from "./server.js";

const ID = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
const DRIVE = "11111111-2222-4333-8444-555555555555";
const NEW_REQUEST_ID = "req-00000000-0000-4000-8000-000000000000";

let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;
let client: DriveClient;
let records: CallRecord[];

beforeEach(async () => {
  directory = await privateDirectory("grpc");
  drives = new FakeDrives(() => DRIVE);
  records = [];
  door = await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => NEW_REQUEST_ID,
    observe: (record) => records.push(record),
  });
  client = new DriveClient(door.target);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const blob = (data: Buffer) => ({ $case: "blob", value: { data, elsewhere: undefined } }) as const;

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

test("a drive's life over gRPC", async () => {
  const { drive } = await client.populateVolume({ requestId: ID, content: blob(Buffer.from("x")) }, { projectId: "p" });
  expect(drive).toMatchObject({ id: DRIVE, projectId: "p", state: 2, pendingGeneration: 1 });
  await client.attachDrive({ requestId: ID, driveId: DRIVE, instanceId: "i", bus: 1 });
  expect((await client.getDrive({ driveId: DRIVE })).drive?.attachments).toMatchObject([{ instanceId: "i" }]);
  await client.refreshDrive({ requestId: ID, driveId: DRIVE });
  await client.detachDrive({ requestId: ID, driveId: DRIVE });
  expect((await client.listDrives({})).drives).toHaveLength(1);
  expect(await client.deleteDrive({ requestId: ID, driveId: DRIVE })).toEqual({});
  expect(records).toHaveLength(7);
});

test("an error carries one ErrorInfo, and the fields at fault", async () => {
  await expect(client.populateVolume({ requestId: "7" })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    reason: "INVALID_ARGUMENT",
    domain: "configdrive.openstack.org",
    violations: [
      { field: "content", description: "one of blob, files, config_data is required" },
      { field: "request_id", description: 'must be a UUID in lower case (got "7")' },
    ],
    retryAfterMs: undefined,
  });
  const raw = await client.populateVolume({ requestId: "7" }).catch((error: unknown) => error);
  if (!(raw instanceof RemoteError)) throw new Error("refused by the service");
  expect(raw.violations[0]).toStrictEqual({
    field: "content",
    description: "one of blob, files, config_data is required",
  });
  await expect(client.getDrive({ driveId: DRIVE })).rejects.toMatchObject({
    code: status.NOT_FOUND,
    reason: "DRIVE_NOT_FOUND",
    metadata: { drive_id: DRIVE },
  });
});

test("an error that may pass says when to try again", async () => {
  drives.before = async () => {
    throw new Refusal("DRIVE_BUSY", "another operation is under way");
  };
  const refused = client.getDrive({ driveId: DRIVE });
  await expect(refused).rejects.toMatchObject({ code: status.ABORTED, reason: "DRIVE_BUSY", retryAfterMs: 500 });
});

test("a fault of the service keeps its text from the caller and shows it to the observer", async () => {
  drives.before = async () => {
    throw new Error("password=hunter2");
  };
  const failed = await client.getDrive({ driveId: DRIVE }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: status.INTERNAL, reason: "INTERNAL" });
  expect(String(failed)).not.toContain("hunter2");
  expect(records).toMatchObject([{ method: "GetDrive", error: { message: "password=hunter2" } }]);
});

test("a long text in any script reaches the caller, cut where it is too long for a header", async () => {
  drives.before = async () => {
    throw new Refusal("HYPERVISOR_FAILED", `\ud83d${"💿\n漢".repeat(1000)}`, { metadata: { command: "\udcbf" } });
  };
  const failed = client.getDrive({ driveId: DRIVE });
  await expect(failed).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: expect.stringContaining("💿\n漢💿"),
  });
});

test("3 MiB of content pass, and one byte more is refused by name before any work", async () => {
  const most = 3 * 1024 * 1024;
  await client.populateVolume({ requestId: ID, content: blob(Buffer.alloc(most)) });
  await expect(client.populateVolume({ requestId: ID, content: blob(Buffer.alloc(most + 1)) })).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    reason: "CONTENT_TOO_LARGE",
    metadata: { limit_bytes: String(most), actual_bytes: String(most + 1) },
  });
  const huge = client.populateVolume({ requestId: ID, content: blob(Buffer.alloc(9 * 1024 * 1024)) });
  await expect(huge).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(drives.seen).toHaveLength(1);
});

test("the deadline ends the wait, and the use case is told so", async () => {
  // Connected first, so that the deadline passes in the use case and not on the way there.
  await client.listDrives({});
  const { entered, release } = hold();
  const late = client.getDrive({ driveId: DRIVE }, { deadline: new Date(Date.now() + 500) });
  await expect(late).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  const { signal } = await entered;
  await aborted(signal);
  expect(signal.reason).toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  release();
});

test("a caller that cancels is told apart", async () => {
  const { entered, release } = hold();
  const controller = new AbortController();
  const cancelled = client.getDrive({ driveId: DRIVE }, { signal: controller.signal });
  const refused = expect(cancelled).rejects.toMatchObject({ code: status.CANCELLED });
  const { signal } = await entered;
  controller.abort();
  await refused;
  await aborted(signal);
  expect(signal.reason).toMatchObject({ reason: "CANCELLED" });
  release();
});

test.each([
  ["req-8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11", "req-8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11"],
  ["8d1f7e0c", NEW_REQUEST_ID],
  [undefined, NEW_REQUEST_ID],
])("the request id %s is answered as %s", async (given, expected) => {
  const raw = new DriveServiceClient(door.target, credentials.createInsecure());
  const metadata = new Metadata();
  if (given !== undefined) metadata.set("x-openstack-request-id", given);
  const head = await new Promise<Metadata>((resolve) => {
    raw.listDrives(ListDrivesRequest.create(), metadata, () => {}).on("metadata", resolve);
  });
  raw.close();
  expect(head.get("x-openstack-request-id")).toEqual([expected]);
  expect(records).toMatchObject([{ openstackRequestId: expected }]);
});

test("a second door on the same socket is refused", async () => {
  const options = { drives, policy: new Policy(), listen: door.target, newRequestId: () => NEW_REQUEST_ID };
  await expect(openGrpcDoor(options)).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
});

test("an address where nothing can listen is refused with what the system says", async () => {
  const rest = { drives, policy: new Policy(), newRequestId: () => NEW_REQUEST_ID };
  await expect(openGrpcDoor({ ...rest, listen: `unix:${directory}/none/s` })).rejects.toThrow("ENOENT");
  await using first = await openGrpcDoor({ ...rest, listen: "127.0.0.1:0" });
  const printed: string[] = [];
  takeLibraryLog((text) => printed.push(text));
  const second = openGrpcDoor({ ...rest, listen: first.target });
  await expect(second).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
  await expect(second).rejects.toThrow(`[grpc] listen = ${first.target}: cannot listen there: `);
  await expect(second).rejects.toThrow("EADDRINUSE");
  expect(printed).toEqual(["No address added out of total 1 resolved"]);
});

test("a free port of the loopback is taken and told", async () => {
  await using tcp = await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: "127.0.0.1:0",
    newRequestId: () => NEW_REQUEST_ID,
  });
  expect(tcp.target).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  using overTcp = new DriveClient(tcp.target);
  expect(await overTcp.listDrives({})).toMatchObject({ drives: [] });
});

test("bytes that are no message are an error of gRPC, and the service lives on", async () => {
  const raw = new DriveServiceClient(door.target, credentials.createInsecure());
  const error = await new Promise<ServiceError | null>((resolve) => {
    raw.makeUnaryRequest(
      "/configdrive.v1.DriveService/PopulateVolume",
      () => Buffer.from([0xff, 0xff, 0xff]),
      (bytes) => bytes,
      {},
      (failed) => resolve(failed),
    );
  });
  raw.close();
  expect(error).not.toBeNull();
  expect(await client.listDrives({})).toMatchObject({ drives: [] });
});

test.each(["v1", "v1alpha"])("reflection %s names the service", async (version) => {
  const name = `grpc.reflection.${version}.ServerReflection`;
  const bytes = (text: string) => Buffer.concat([Buffer.from([0x3a, text.length]), Buffer.from(text)]);
  const raw = new DriveServiceClient(door.target, credentials.createInsecure());
  const answer = await new Promise<string>((resolve, reject) => {
    const identity = (value: Buffer) => value;
    const stream = raw.makeBidiStreamRequest(`/${name}/ServerReflectionInfo`, identity, identity);
    stream.on("data", (data: Buffer) => resolve(data.toString("latin1")));
    stream.on("error", reject);
    // ServerReflectionRequest.list_services, field 7
    stream.write(bytes("*"));
    stream.end();
  });
  raw.close();
  expect(answer).toContain("configdrive.v1.DriveService");
  expect(answer).toContain("grpc.health.v1.Health");
});

test("what a gRPC client sends is what the generated code says", () => {
  const request = PopulateVolumeRequest.fromPartial({ requestId: ID, content: blob(Buffer.from([1])) });
  expect(PopulateVolumeRequest.decode(PopulateVolumeRequest.encode(request).finish())).toEqual(request);
  expect(GetDriveRequest.encode({ driveId: "" }).finish()).toHaveLength(0);
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
