import { createHash, randomUUID } from "node:crypto";
import { credentials, Metadata } from "@grpc/grpc-js";
import { z } from "zod";
import { ChangeKind, DriveServiceClient, type WatchDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import type { Door } from "../rigs/door.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

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

const drive = z.object({ id: z.string(), etag: z.string(), delete_on_termination: z.boolean() });
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const requestId = () => ({ request_id: randomUUID() });
const files = { files: { files: [{ path: "a/b", text: "hello" }] } };

async function driveBy(door: Door, method: string, args: object): Promise<z.infer<typeof drive>> {
  return drive.parse((await door.call(method, args)).drive);
}

describe.each(["bus", "gRPC"] as const)("at the door %s", (name) => {
  const door = (): Door => (name === "bus" ? bus : grpc);

  test("an update says what a drive is to be, and gives it another etag", async () => {
    const made = await driveBy(door(), "populate_volume", { ...requestId(), ...files });
    expect(made.delete_on_termination).toBe(true);
    const args = { ...requestId(), drive_id: made.id, delete_on_termination: false, etag: made.etag };
    const kept = await driveBy(door(), "update_drive", args);
    expect(kept.delete_on_termination).toBe(false);
    expect(kept.etag).not.toBe(made.etag);
    expect(await driveBy(door(), "update_drive", args)).toEqual(kept);
    await expect(door().call("update_drive", { ...args, ...requestId() })).rejects.toMatchObject({
      reason: "ETAG_MISMATCH",
      kind: name === "bus" ? "InvalidVolume" : "ABORTED",
    });
  });

  test("what is only to be validated is not done", async () => {
    const args = { ...requestId(), ...files, validate_only: true };
    expect(await driveBy(door(), "populate_volume", args)).toMatchObject({ id: "" });
    const made = await driveBy(door(), "populate_volume", { ...args, validate_only: false });
    await door().call("delete_drive", { ...requestId(), drive_id: made.id, validate_only: true });
    expect(await driveBy(door(), "get_drive", { drive_id: made.id })).toEqual(made);
  });

  test("an image is told file by file, and all of it is new to a guest that sees nothing", async () => {
    const { id } = await driveBy(door(), "populate_volume", { ...requestId(), ...files });
    const file = { path: "a/b", kind: "ENTRY_KIND_FILE", size_bytes: 5, sha256: sha256("hello") };
    expect(await door().call("inspect_drive", { drive_id: id })).toMatchObject({
      image: {
        generation: 1,
        format: "IMAGE_FORMAT_ISO9660",
        label: "config-2",
        entries: [{ path: "a", kind: "ENTRY_KIND_DIRECTORY" }, file],
      },
    });
    expect(await door().call("diff_drive", { drive_id: id })).toMatchObject({
      applied_generation: 0,
      pending_generation: 1,
      changes: [{ path: "a" }, { path: "a/b", after: file }],
    });
  });
});

test("a watch over gRPC tells what was done over the bus", async () => {
  const client = new DriveServiceClient(service.address, credentials.createInsecure());
  try {
    const headers = new Metadata();
    headers.set("x-project-id", "demo");
    const stream = client.watchDrives({ driveId: "", resumeToken: "" }, headers, { deadline: Date.now() + 50_000 });
    const told: WatchDrivesResponse[] = [];
    for await (const event of stream) {
      told.push(event);
      if (event.kind === ChangeKind.CHANGE_KIND_CURRENT) {
        const { id } = await driveBy(bus, "populate_volume", { ...requestId(), ...files });
        await bus.call("delete_drive", { ...requestId(), drive_id: id });
      }
      if (event.kind === ChangeKind.CHANGE_KIND_DELETED) break;
    }
    const [current, ...changes] = told;
    expect(current?.resumeToken).not.toBe("");
    expect(new Set(changes.map(({ driveId }) => driveId)).size).toBe(1);
    expect(changes.at(-1)?.drive).toBeUndefined();
  } finally {
    client.close();
  }
});
