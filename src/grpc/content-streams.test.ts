import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import type { UploadContentRequest } from "#gen/configdrive/v1/drive_service.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { DriveClient } from "./client.js";
import type { CallRecord } from "./served-call.js";
import { type GrpcDoor, openGrpcDoor } from "./server.js";

const ID = "11111111-2222-4333-8444-555555555555";
const bytes = randomBytes(5_000_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;
let client: DriveClient;
let records: CallRecord[];

beforeEach(async () => {
  directory = await privateDirectory("grpc");
  records = [];
  drives = new FakeDrives(() => ID);
  door = await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => `req-${ID}`,
    observe: (record) => records.push(record),
  });
  client = new DriveClient(door.target);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const message = (data: Buffer, said: Partial<UploadContentRequest> = {}) => ({
  data,
  sizeBytes: 0n,
  sha256: "",
  ...said,
});

async function populated(): Promise<void> {
  drives.image = bytes;
  const content = { $case: "blob", value: { data: Buffer.from("x"), elsewhere: undefined } } as const;
  await client.populateVolume({ requestId: ID, content });
}

test("an upload comes as it was sent, with what was said of it", async () => {
  async function* messages() {
    yield message(bytes.subarray(0, 2_000_000), { sizeBytes: BigInt(bytes.length), sha256 });
    yield message(bytes.subarray(2_000_000));
  }
  const made = await client.uploadContent(messages(), { projectId: "p" });
  expect(made).toMatchObject({ contentId: ID, sizeBytes: BigInt(bytes.length), sha256 });
  expect(drives.seen).toEqual([{ sizeBytes: bytes.length, sha256 }]);
  expect(records).toMatchObject([{ method: "UploadContent", projectId: "p" }]);
});

test("a message that breaks a limit is refused half-way, with its field", async () => {
  async function* messages() {
    yield message(Buffer.from("a"));
    yield message(Buffer.alloc(4_194_305));
  }
  await expect(client.uploadContent(messages())).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "data" }],
  });
  async function* late() {
    yield message(Buffer.from("a"));
    yield message(Buffer.from("b"), { sizeBytes: 2n });
  }
  await expect(client.uploadContent(late())).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
});

test("an upload that its caller breaks off is seen as broken off", async () => {
  const controller = new AbortController();
  const seen: unknown[] = [];
  drives.upload = async ({ bytes: coming }) => {
    try {
      for await (const chunk of coming) {
        seen.push(chunk);
        controller.abort();
      }
    } catch (error) {
      seen.push("broken off");
      throw error;
    }
    seen.push("ended well");
    throw new Error("it ended well");
  };
  const broken = new AbortController();
  async function* messages() {
    yield message(Buffer.from("a"));
    await once(broken.signal, "abort");
  }
  await expect(client.uploadContent(messages(), { signal: controller.signal })).rejects.toMatchObject({
    code: status.CANCELLED,
  });
  broken.abort();
  await door.drain(AbortSignal.timeout(10_000));
  expect(seen).toEqual([Buffer.from("a"), "broken off"]);
  expect(records).toMatchObject([{ method: "UploadContent", error: { reason: "CANCELLED" } }]);
});

test("a download gives what the image is, then its bytes", async () => {
  await populated();
  const copies: Buffer[] = [];
  let header: unknown;
  for await (const { part } of client.downloadImage({ driveId: ID })) {
    if (part?.$case === "header") header = part.value;
    else if (part?.$case === "data") copies.push(part.value);
  }
  expect(header).toMatchObject({ generation: 1, sizeBytes: BigInt(bytes.length), sha256 });
  expect(Buffer.concat(copies).equals(bytes)).toBe(true);
});

test("a download of what is not there is refused with its reason, and a deadline ends one", async () => {
  const parts = client.downloadImage({ driveId: ID })[Symbol.asyncIterator]();
  await expect(parts.next()).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  await populated();
  drives.before = (call) =>
    new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(call.signal)));
  const late = client.downloadImage({ driveId: ID }, { deadline: new Date(Date.now() + 300) })[Symbol.asyncIterator]();
  await expect(late.next()).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
});

test("capabilities are told", async () => {
  expect(await client.getCapabilities({})).toMatchObject({
    version: "1.2",
    hypervisor: { name: "none", devices: [{ kind: 1, bus: 2 }] },
    limits: { inlineBytes: 3145728n },
    sourceSchemes: ["https"],
  });
});
