import { randomUUID } from "node:crypto";
import type { Door } from "../rigs/door.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { REFUSED } from "./refusals.js";

/** How often what may be repeated is repeated. */
const REPEAT = process.env.FORM === "full" ? 50 : 10;
const MOST = 3 * 1024 * 1024;

const scope = new Scope();
let service: Service;
let bus: OsloClient;
let grpc: GrpcDoor;

beforeAll(async () => {
  const { transportUrl } = await scope.own(RabbitMq.start());
  service = await scope.own(Service.start({ transportUrl }));
  grpc = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
  bus = await scope.own(OsloClient.start(transportUrl));
}, 120_000);
afterAll(() => scope[Symbol.asyncDispose](), 60_000);

const base64 = (text: string) => Buffer.from(text).toString("base64");
const blob = (text: string) => ({ request_id: randomUUID(), blob: { data: base64(text) } });

async function made(door: Door, args: object = blob("content")) {
  return driveOf(await door.call("populate_volume", args));
}

describe.each(["bus", "gRPC"] as const)("at the door %s", (name) => {
  const door = (): Door => (name === "bus" ? bus : grpc);

  test("the same request again, in turn and side by side, is the same drive", async () => {
    const args = blob("once");
    const drive = await made(door(), args);
    for (let time = 1; time < REPEAT; time++) expect(await made(door(), args)).toEqual(drive);
    const fresh = blob("together");
    const together = await Promise.all(Array.from({ length: REPEAT }, () => made(grpc, fresh)));
    expect(new Set(together.map(({ id }) => id)).size).toBe(1);
    expect(together[0]?.generations).toHaveLength(1);
  });

  test("another request under the same id is refused, and the drive stays as it was", async () => {
    const args = blob("first");
    const drive = await made(door(), args);
    const other = made(door(), { ...args, blob: { data: base64("second") } });
    await expect(other).rejects.toMatchObject({
      reason: "REQUEST_ID_REUSED",
      kind: name === "bus" ? "InvalidInput" : "ALREADY_EXISTS",
    });
    expect(driveOf(await door().call("get_drive", { drive_id: drive.id }))).toEqual(drive);
  });

  test("new content makes the next generation; the same request again makes no other", async () => {
    const { id } = await made(door());
    const args = { ...blob("newer"), drive_id: id };
    for (let time = 0; time < REPEAT; time++) {
      const drive = await made(door(), args);
      expect([drive.id, drive.pending_generation]).toEqual([id, 2]);
    }
  });

  test("a drive is deleted once and is gone; deleting it again succeeds", async () => {
    const { id } = await made(door());
    for (let time = 0; time < REPEAT; time++) {
      expect(await door().call("delete_drive", { request_id: randomUUID(), drive_id: id })).toEqual({});
    }
    await expect(door().call("get_drive", { drive_id: id })).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
    expect(await service.filesOfDrive(id)).toEqual([]);
  });

  test("detaching a drive that nobody has is a success", async () => {
    const { id } = await made(door());
    const answer = await door().call("detach_drive", { request_id: randomUUID(), drive_id: id });
    expect(driveOf(answer).attachments).toEqual([]);
  });

  test("content of exactly the limit passes", async () => {
    const args = { request_id: randomUUID(), blob: { data: Buffer.alloc(MOST, "x").toString("base64") } };
    const drive = await made(door(), args);
    expect(drive.generations).toMatchObject([{ state: "GENERATION_STATE_READY", size_bytes: MOST }]);
  });

  test("every drive is on exactly one page of a list", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await made(grpc)).id));
    const listed: unknown[] = [];
    let token: unknown = "";
    do {
      const page = await door().call("list_drives", { page_size: 2, page_token: token });
      if (!Array.isArray(page.drives)) throw new Error("drives is a list");
      expect(page.drives.length).toBeLessThanOrEqual(2);
      listed.push(...page.drives.map((drive) => driveOf({ drive }).id));
      token = page.next_page_token;
    } while (token !== "");
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(ids));
  });

  test.each(REFUSED)("refused: $title", async ({ method, args, reason, exception, status, says }) => {
    const { id } = await made(grpc);
    await expect(door().call(method, args(id))).rejects.toMatchObject({
      reason,
      kind: name === "bus" ? exception : status,
      message: expect.stringContaining(says),
    });
  });
});

test("both doors tell the same of a drive, whichever made it", async () => {
  for (const door of [bus, grpc]) {
    const { id } = await made(door, { request_id: randomUUID(), files: { files: [{ path: "a", text: "é" }] } });
    expect(driveOf(await bus.call("get_drive", { drive_id: id }))).toEqual(
      driveOf(await grpc.call("get_drive", { drive_id: id })),
    );
  }
});

test("a request that came over one door is known at the other", async () => {
  const args = blob("either way");
  expect((await made(grpc, args)).id).toBe((await made(bus, args)).id);
});

test("a project sees its own drives only, at both doors", async () => {
  const { id } = await made(bus);
  await using stranger = new GrpcDoor(service.address, "stranger");
  const refused = { reason: "DRIVE_NOT_FOUND" };
  await expect(stranger.call("get_drive", { drive_id: id })).rejects.toMatchObject(refused);
  const context = { project_id: "stranger", roles: ["reader"] };
  await expect(bus.call("get_drive", { drive_id: id }, { context })).rejects.toMatchObject(refused);
  expect(await bus.call("list_drives", {}, { context })).toMatchObject({ drives: [] });
});

test.each([
  ["an unknown argument", "get_drive", { drive: "x" }, "TypeError", "drive: is unknown"],
  ["an argument of the wrong type", "get_drive", { drive_id: 7 }, "TypeError", "must be a string (got a number)"],
  ["bad base64", "populate_volume", { request_id: randomUUID(), blob: { data: "?" } }, "InvalidInput", "RFC 4648"],
  [
    "two kinds of content",
    "populate_volume",
    { request_id: randomUUID(), blob: {}, files: {} },
    "InvalidInput",
    "oneof",
  ],
  ["an unknown method", "format_disk", {}, "NoSuchMethod", "format_disk"],
])("the bus refuses %s as Python callers know it", async (_title, method, args, kind, says) => {
  await expect(bus.call(method, args)).rejects.toMatchObject({
    kind: expect.stringContaining(kind),
    message: expect.stringContaining(says),
  });
});

test("the bus refuses a version that it does not have", async () => {
  const call = bus.call("list_drives", {}, { version: "1.99" });
  await expect(call).rejects.toMatchObject({ kind: "UnsupportedVersion", message: expect.stringContaining("1.99") });
});

test("after all that the service still serves, and its log holds no content", async () => {
  const secret = "do-not-log-me";
  await made(bus, blob(secret));
  await expect(made(grpc, { ...blob(secret), label: "x".repeat(99) })).rejects.toThrow("label");
  expect(await service.health("")).toBe("SERVING");
  const log = await service.logged();
  expect(log).not.toContain(secret);
  expect(log).not.toContain(base64(secret));
});
