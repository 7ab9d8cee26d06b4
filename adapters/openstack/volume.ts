import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Unreachable } from "../http-exchange.js";
import { BYTES_KEY, DRIVE_KEY, GENERATION_KEY, nameOf } from "./names.js";
import { unlessNotFound } from "./session.js";
import type { Use } from "./use.js";

const GIB = 1024 ** 3;
/** How often something that Cinder or nova does is looked at: soon at first, then less and less. */
const FIRST_MS = 100;
const LAST_MS = 1000;

const form = z.object({
  id: z.uuid(),
  status: z.string(),
  size: z.int(),
  metadata: z.record(z.string(), z.string()),
  attachments: z.array(z.object({ server_id: z.string() })),
  volume_image_metadata: z.record(z.string(), z.unknown()).default({}),
});
const one = z.object({ volume: form });
const some = z.object({ volumes: z.array(form) });

/** A volume, as Cinder tells of it. */
export interface Volume {
  readonly id: string;
  readonly status: string;
  readonly size: number;
  /** Whose it is; unset: none of our drives'. */
  readonly driveId: string | undefined;
  /** What it holds; 0 while it is written, or where that was cut off. */
  readonly generation: number;
  /** How many bytes of it may be other than zero. */
  readonly bytes: number;
  /** The servers that have it. */
  readonly servers: readonly string[];
  readonly imageProperties: Readonly<Record<string, unknown>>;
}

/** How large a volume for so many bytes is: whole GiB (Block Storage API, `size`). */
export function gibFor(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / GIB));
}

/** The volumes of a drive, once nothing that was begun on them is under way any more. */
export async function volumesOf(use: Use, driveId: string): Promise<readonly Volume[]> {
  const path = `/volumes/detail?name=${nameOf(driveId)}`;
  const { volumes } = some.parse(await use.session.call("volume", "GET", path, use.signal));
  const own = volumes.filter(({ metadata }) => metadata[DRIVE_KEY] === driveId);
  const settled = await Promise.all(own.map(({ id }) => settle(use, id)));
  return settled.flatMap((volume) => volume ?? []);
}

/** One volume; `undefined` where there is none. */
export async function readVolume({ session, signal }: Use, id: string): Promise<Volume | undefined> {
  try {
    return volumeOf(one.parse(await session.call("volume", "GET", `/volumes/${id}`, signal)).volume);
  } catch (error) {
    return unlessNotFound(error);
  }
}

/** Waits until nothing is being done to a volume. Also what nova has begun with it, it does with Cinder's knowledge. */
export async function settle(use: Use, id: string): Promise<Volume | undefined> {
  const until = performance.now() + use.taskMs;
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LAST_MS)) {
    const volume = await readVolume(use, id);
    if (volume === undefined || !/ing$|^reserved$/.test(volume.status)) return volume;
    if (performance.now() >= until) {
      throw new Unreachable(`volume ${id} is still ${volume.status} after ${use.taskMs} ms`);
    }
    await pause(wait, undefined, { signal: use.signal });
  }
}

function volumeOf({ id, status, size, metadata, attachments, volume_image_metadata }: z.infer<typeof form>): Volume {
  return {
    ...{ id, status, size },
    driveId: metadata[DRIVE_KEY],
    generation: count(metadata[GENERATION_KEY]) ?? 0,
    bytes: count(metadata[BYTES_KEY]) ?? size * GIB,
    servers: attachments.map(({ server_id }) => server_id),
    imageProperties: volume_image_metadata,
  };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
