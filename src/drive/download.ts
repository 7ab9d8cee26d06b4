import { createHash } from "node:crypto";
import { imageChunks } from "#image/contents.js";
import { changedMeanwhile, standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import { type Generation, pendingGeneration } from "./drive.js";
import { ownDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import { undisturbed } from "./undisturbed.js";
import type { Call } from "./use-cases.js";

/** Which image. */
export interface DownloadImage {
  readonly driveId: string;
  /** 0: the pending one. */
  readonly generation: number;
}

/** An image on its way out. */
export interface Download {
  readonly generation: Generation;
  /** Its bytes, good only when the iteration ends well: the digest is checked at the end. A part is good until the next is asked for. */
  readonly parts: AsyncIterable<Uint8Array>;
}

/**
 * Gives the bytes of one generation's image, from its place; one that was lost is written again first.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_NOT_READY, STORAGE_FAILED, also where the bytes are not those on record; DRIVE_BUSY from the
 * parts, where the generation went before they were asked for.
 */
export async function download(
  deps: Pick<Dependencies, "catalog" | "images" | "contents">,
  { driveId, generation }: DownloadImage,
  call: Call,
): Promise<Download> {
  return await undisturbed(async () => {
    const { drive } = await ownDrive(deps, driveId, call.projectId);
    const number = generation || pendingGeneration(drive)?.number;
    const found = drive.generations.find((candidate) => candidate.number === number);
    if (found === undefined) {
      const which = generation === 0 ? "generation that is ready" : `generation ${generation}`;
      throw new Refusal("DRIVE_NOT_READY", `drive ${driveId} has no ${which}`, { metadata: { drive_id: driveId } });
    }
    await standingImage(deps, drive, found.number, { signal: call.signal });
    return { generation: found, parts: partsOf(deps, driveId, found, call.signal) };
  });
}

async function* partsOf(
  { images, catalog }: Pick<Dependencies, "images" | "catalog">,
  driveId: string,
  { number, sha256 }: Generation,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  using input = await images.read(driveId, number);
  if (input === undefined) {
    const changed = await changedMeanwhile(catalog, driveId, number);
    throw changed ?? new Refusal("STORAGE_FAILED", `the image of generation ${number} is gone`);
  }
  const hash = createHash("sha256");
  for (const chunk of imageChunks(input)) {
    signal.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
  const digest = hash.digest("hex");
  if (digest !== sha256) {
    throw new Refusal(
      "STORAGE_FAILED",
      `the image of generation ${number} is not the one on record: sha256 ${digest}, not ${sha256}`,
      { metadata: { drive_id: driveId } },
    );
  }
}
