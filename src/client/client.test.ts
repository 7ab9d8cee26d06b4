import { rm } from "node:fs/promises";
import { join } from "node:path";
import { contract } from "#api/contract.js";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import { Refusal } from "#drive/refusal.js";
import { DeviceBus, DeviceKind } from "#gen/configdrive/v1/drive.js";
import type { CallRecord } from "#grpc/served-call.js";
import { type GrpcDoor, openGrpcDoor } from "#grpc/server.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { connect } from "./connect.js";
import { blob, uploaded } from "./drive-content.js";
import type { ConnectOptions } from "./options.js";
import type { Surroundings } from "./surroundings.js";

const DRIVE = "11111111-2222-4333-8444-555555555555";
const bytes = { content: blob(Buffer.from("bytes")) };

let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;
let records: CallRecord[];
/** A clock that each wait moves on. */
let now: number;
let waits: number[];
/** Numbers the drives, where there is more than one. */
let next: number | undefined;

async function openDoor(): Promise<GrpcDoor> {
  return await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => "req-none",
    observe: (record) => records.push(record),
  });
}

beforeEach(async () => {
  directory = await privateDirectory("client");
  next = undefined;
  drives = new FakeDrives(() =>
    next === undefined ? DRIVE : `${String(next).padStart(8, "0")}-2222-4333-8444-555555555555`,
  );
  records = [];
  [now, waits] = [Date.now(), []];
  door = await openDoor();
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

let ids = 0;
const surroundings: Surroundings = {
  now: () => now,
  wait: async (milliseconds, signal) => {
    signal?.throwIfAborted();
    waits.push(milliseconds);
    now += milliseconds;
  },
  random: () => 0,
  newId: () => {
    ids += 1;
    return `8d1f7e0c-4a53-4b6d-9f39-${String(ids).padStart(12, "0")}`;
  },
};
const client = (options: Partial<ConnectOptions> = {}) =>
  connect({ target: door.target, projectId: "demo", ...options }, surroundings);

/** The next so many calls are refused. */
function refuse(times: number, reason: Refusal["reason"], metadata: Record<string, string> = {}): void {
  drives.before = async () => {
    if (times <= 0) return;
    times -= 1;
    throw new Refusal(reason, `${reason}, it says`, { metadata });
  };
}

test("what may pass is tried again under the same ids, and waited for longer each time", async () => {
  using service = client();
  refuse(3, "DRIVE_BUSY");
  const { drive } = await service.populateVolume({ ...bytes, sizeBytes: 1024 });
  expect(drive).toMatchObject({ id: DRIVE, projectId: "demo" });
  expect(waits).toEqual([500, 750, 1125]);
  expect(new Set(records.map(({ openstackRequestId }) => openstackRequestId)).size).toBe(1);
  expect(records).toHaveLength(4);
  const asked = drives.seen.map((request) => (request as { requestId: string }).requestId);
  expect(new Set(asked).size).toBe(1);
  expect(asked[0]).toMatch(/^8d1f7e0c-/);
});

test("a refusal is an error with its reason, what it is about, and what to do; it is not tried again", async () => {
  using service = client();
  await expect(service.getDrive({ driveId: DRIVE })).rejects.toMatchObject({
    name: "ConfigDriveError",
    reason: "DRIVE_NOT_FOUND",
    status: "NOT_FOUND",
    metadata: { drive_id: DRIVE },
    retryAfterMs: undefined,
    advice: "Correct the id; the drive may have gone with its instance.",
    requestId: "",
    openstackRequestId: expect.stringMatching(/^req-8d1f7e0c-/),
  });
  await expect(service.getDrive({ driveId: "mine" })).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "drive_id" }],
  });
  expect(waits).toEqual([]);
});

test("the time is for all tries: the last refusal is thrown once there is none left for another", async () => {
  using service = client({ timeoutMs: 2000 });
  refuse(100, "DRIVE_BUSY");
  const requestId = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
  const refused = { reason: "DRIVE_BUSY", retryAfterMs: 500, requestId };
  await expect(service.populateVolume({ ...bytes, requestId })).rejects.toMatchObject(refused);
  expect(waits).toEqual([500, 750]);
  await expect(service.populateVolume({ ...bytes, requestId }, { retry: false })).rejects.toMatchObject(refused);
  expect(waits).toHaveLength(2);
});

test("a signal ends a call, and a wait between two tries, with its reason", async () => {
  using service = client();
  const reason = new Error("enough");
  const stop = new AbortController();
  drives.before = async (call) => {
    const cancelled = new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
    stop.abort(reason);
    await cancelled;
  };
  await expect(service.deleteDrive({ driveId: DRIVE }, { signal: stop.signal })).rejects.toBe(reason);
  await expect(service.getCapabilities({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("nobody there is told apart from a refusal, and is tried until the time is over", async () => {
  using service = client({ target: `unix:${directory}/nobody`, timeoutMs: 2000 });
  await expect(service.getCapabilities()).rejects.toMatchObject({
    reason: "UNREACHABLE",
    status: "UNAVAILABLE",
    advice: expect.stringContaining("See that the service runs"),
  });
  expect(waits.length).toBeGreaterThan(1);
});

test("a watch goes on after the last event when the service comes back, and begins once", async () => {
  using service = connect({ target: door.target, projectId: "demo" });
  const stop = new AbortController();
  const seen: string[] = [];
  const over = (async () => {
    for await (const { kind, driveId } of service.watchDrives({}, { signal: stop.signal })) {
      seen.push(`${kind} ${driveId}`);
      if (seen.length === 1) {
        await door[Symbol.asyncDispose]();
        door = await openDoor();
        await service.populateVolume(bytes);
      }
      if (seen.length === 2) stop.abort(new Error("seen"));
    }
  })();
  await expect(over).rejects.toThrow("seen");
  expect(seen).toEqual(["1 ", `3 ${DRIVE}`]);
  const watches = drives.seen.filter((request) => Object.hasOwn(Object(request), "resumeToken"));
  expect(watches).toEqual([
    { driveId: "", resumeToken: "" },
    { driveId: "", resumeToken: "0" },
  ]);
});

test("a watch is over when its time is, without an error", async () => {
  using service = client();
  const deadline = new Date(Date.now() + 300);
  for await (const { kind } of service.watchDrives({}, { deadline })) expect(kind).toBe(1);
  // Timers may be a moment early.
  expect(Date.now()).toBeGreaterThan(deadline.getTime() - 50);
});

test("content is sent in parts and an image comes in parts, whole or not at all", async () => {
  using service = client();
  const content = Buffer.alloc(2_500_000, 7);
  const { contentId } = await service.uploadContent(content);
  expect(drives.seen.at(-1)).toMatchObject({ sizeBytes: 2_500_000 });
  await service.populateVolume({
    content: uploaded({ contentId }),
  });
  drives.image = content;
  const image = await service.downloadImage({ driveId: DRIVE });
  const parts: Uint8Array[] = [];
  for await (const part of image.bytes) parts.push(part);
  expect(image.header.sizeBytes).toBe(2_500_000n);
  expect(Buffer.concat(parts).equals(content)).toBe(true);
  await using _unread = await service.downloadImage({ driveId: DRIVE });
});

test("an upload that cannot be had again is not tried again; one that can is", async () => {
  using service = client();
  async function* once() {
    yield Buffer.from("bytes");
  }
  refuse(1, "STORAGE_FULL");
  await expect(service.uploadContent(once(), { sizeBytes: 5 })).rejects.toMatchObject({ reason: "STORAGE_FULL" });
  refuse(1, "CATALOG_FAILED");
  await expect(service.uploadContent(once(), { sizeBytes: 5 })).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  refuse(1, "CATALOG_FAILED");
  await service.uploadContent(once, { sizeBytes: 5 });
  expect(waits).toEqual([1000]);
});

test("a list is all pages", async () => {
  using service = client();
  for (let number = 0; number < 120; number++) {
    next = number;
    await service.populateVolume(bytes);
  }
  const ids: string[] = [];
  for await (const drive of service.drives()) ids.push(drive.id);
  expect(ids).toHaveLength(120);
  const asked = drives.seen.length;
  for await (const _ of service.drives({ host: "compute-7", attached: false }));
  const filter = { instanceId: "", host: "compute-7", attached: false };
  expect(drives.seen.slice(asked)).toMatchObject([filter, filter]);
});

test("each try asks for a token; none travels in the clear to another machine", async () => {
  let asked = 0;
  using service = client({
    token: async () => {
      asked += 1;
      return "gAAAA";
    },
  });
  // The door knows no Keystone, so that a token that arrives is refused.
  await expect(service.getCapabilities()).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  expect(asked).toBe(1);
  expect(() => connect({ target: "controller:50051", token: "gAAAA" })).toThrow("with TLS only");
  expect(() => connect({ target: "controller:50051", tls: { ca: "x", key: "x" } })).toThrow("go together");
});

test("every method of the contract is a call", () => {
  using service = client();
  const names = contract().methods.map(({ name }) => name.charAt(0).toLowerCase() + name.slice(1));
  expect(names.filter((name) => !(name in service))).toEqual([]);
});

test("a compute manager tells of the drives that it shows itself, and is tried again as any caller is", async () => {
  using service = client();
  const about = { instanceId: DRIVE, host: "compute-7" };
  const built = await service.buildInstanceDrive({ ...about, files: { files: [] } });
  expect(built).toMatchObject({ drive: { id: DRIVE }, generation: 1 });
  refuse(1, "DRIVE_BUSY");
  const device = { kind: DeviceKind.DEVICE_KIND_DISK, bus: DeviceBus.DEVICE_BUS_VIRTIO, name: "vdb" };
  await service.connectDrive({ ...about, driveId: DRIVE, device });
  await service.recordInstanceDrive({ ...about, generation: 1, device });
  await service.stageInstanceDrive({ ...about, generation: 1 });
  await service.disconnectDrive({ ...about, driveId: DRIVE });
  expect(waits).toEqual([500]);
});
