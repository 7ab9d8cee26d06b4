import { type DigestedEntry, listImage } from "#image/listing.js";
import type { ImageFormat } from "#image/plan.js";
import { ImageRefusal } from "#image/refusal.js";
import type { EntryKind } from "#image/volume.js";
import { changedMeanwhile, standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import { type Drive, pendingGeneration } from "./drive.js";
import type { Wait } from "./hypervisor.js";
import { ownDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import { undisturbed } from "./undisturbed.js";
import type { Call, InspectDrive } from "./use-cases.js";

/** A file or directory of an image, without its content. */
export interface InspectedEntry {
  readonly path: string;
  readonly kind: EntryKind;
  readonly sizeBytes: number;
  /** Of a file's bytes; empty for all else. */
  readonly sha256: string;
  /** Permission bits; 0 where the format knows none. */
  readonly mode: number;
}

/** What an image was read to hold. */
export interface InspectedImage {
  readonly generation: number;
  readonly format: ImageFormat;
  readonly label: string;
  readonly uuid: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** By path. */
  readonly entries: readonly InspectedEntry[];
}

/**
 * Reads an image back from its place and tells what it holds: what a guest would find, not what was asked for.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_NOT_READY, STORAGE_FAILED.
 */
export async function inspect(
  deps: Pick<Dependencies, "catalog" | "images" | "contents">,
  { driveId, generation }: InspectDrive,
  call: Call,
): Promise<InspectedImage> {
  return await undisturbed(async () => {
    const { drive } = await ownDrive(deps, driveId, call.projectId);
    const number = generation || pendingGeneration(drive)?.number;
    if (number === undefined) {
      throw new Refusal("DRIVE_NOT_READY", `drive ${driveId} has no generation that is ready`, {
        metadata: { drive_id: driveId },
      });
    }
    return await inspectGeneration(deps, drive, number, { signal: call.signal });
  });
}

/** Reads the image of one generation. Refusals: DRIVE_NOT_READY, STORAGE_FAILED; DRIVE_BUSY where it has gone since the drive was read. */
export async function inspectGeneration(
  deps: Pick<Dependencies, "catalog" | "images" | "contents">,
  drive: Drive,
  generation: number,
  wait: Wait,
): Promise<InspectedImage> {
  await standingImage(deps, drive, generation, wait);
  using input = await deps.images.read(drive.id, generation);
  if (input === undefined) {
    const changed = await changedMeanwhile(deps.catalog, drive.id, generation);
    throw changed ?? new Refusal("STORAGE_FAILED", `the image of generation ${generation} is gone`);
  }
  try {
    const { info, sha256, entries } = await listImage(input, {}, wait);
    const { format, label = "", uuid = "" } = info;
    return { generation, format, label, uuid, sizeBytes: input.size, sha256, entries: entries.map(inspected) };
  } catch (error) {
    if (!(error instanceof ImageRefusal)) throw error;
    throw new Refusal("STORAGE_FAILED", `the image of generation ${generation} cannot be read back: ${error.message}`, {
      metadata: { drive_id: drive.id },
      cause: error,
    });
  }
}

function inspected({ path, kind, size, sha256 = "", mode = 0 }: DigestedEntry): InspectedEntry {
  return { path, kind, sizeBytes: size, sha256, mode };
}
