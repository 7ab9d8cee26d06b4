import { randomUUID } from "node:crypto";
import type { Door } from "#integration/rigs/door.js";
import { type DriveAnswer, driveOf } from "#integration/rigs/drive-answer.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import type { Service } from "#integration/rigs/service.js";

/** Bytes of whole CD sectors, so that a cdrom may show them too. */
const SIZE = 8192;

/** Makes a drive of raw bytes, or its next generation, left pending. */
export async function populate(door: Door, fill: number, driveId?: string): Promise<DriveAnswer> {
  const request = { request_id: randomUUID(), blob: { data: Buffer.alloc(SIZE, fill).toString("base64") } };
  const again = driveId === undefined ? {} : { drive_id: driveId, when_attached: "WHEN_ATTACHED_STAGE" };
  return driveOf(await door.call("populate_volume", { ...request, ...again }));
}

/** One call about a drive, under a request id of its own. */
export async function change(
  door: Door,
  method: "attach_drive" | "refresh_drive" | "detach_drive",
  driveId: string,
  more: object = {},
): Promise<DriveAnswer> {
  return driveOf(await door.call(method, { request_id: randomUUID(), drive_id: driveId, ...more }));
}

/** The drive as it is now. */
export async function get(door: Door, driveId: string): Promise<DriveAnswer> {
  return driveOf(await door.call("get_drive", { drive_id: driveId }));
}

/** Calls through a channel of its own: one that has seen a service die waits before it connects again. */
export async function overGrpc<T>(service: Service, calls: (door: Door) => Promise<T>): Promise<T> {
  await using door = new GrpcDoor(service.address);
  return await calls(door);
}
