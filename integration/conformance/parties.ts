import { randomUUID } from "node:crypto";
import type { Door, Json } from "../rigs/door.js";
import { type DriveAnswer, driveOf } from "../rigs/drive-answer.js";

/** How often each call is repeated. */
export const TIMES = 10;

/** Who takes part in a case: the door that it goes over, all doors to the same service, and the instances there. */
export interface Parties {
  readonly door: Door;
  readonly others: readonly Door[];
  readonly instances: readonly string[];
}

export const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A request for a small blob. */
export const blob = (text: string) => ({ request_id: randomUUID(), blob: { data: base64(text.padEnd(512, "\n")) } });

/** A mutating call under a request id of its own, unless the arguments bring one. Gives the drive. */
export async function change(door: Door, method: string, args: object): Promise<DriveAnswer> {
  return driveOf(await door.call(method, { request_id: randomUUID(), ...args }));
}

export async function get(door: Door, driveId: string): Promise<DriveAnswer> {
  return driveOf(await door.call("get_drive", { drive_id: driveId }));
}

/** The same call, again and again: each must give what the first one gave. */
export async function sameTenTimes(door: Door, method: string, args: object): Promise<{ [name: string]: Json }> {
  const first = await door.call(method, args);
  for (let time = 1; time < TIMES; time += 1) expect(await door.call(method, args)).toEqual(first);
  return first;
}

/** The same call, again and again: each must be refused with the reason. */
export async function refusedTenTimes(door: Door, method: string, args: object, reason: string): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) {
    await expect(door.call(method, args)).rejects.toMatchObject({ reason });
  }
}

/** Removes a drive, so that a service that is somebody's is left as it was. */
export async function remove(door: Door, driveId: string): Promise<void> {
  await door.call("delete_drive", { request_id: randomUUID(), drive_id: driveId });
}
