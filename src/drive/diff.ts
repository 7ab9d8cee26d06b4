import type { Dependencies } from "./dependencies.js";
import { appliedGeneration, pendingGeneration } from "./drive.js";
import { type InspectedEntry, type InspectedImage, inspectGeneration } from "./inspect.js";
import { ownDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import { undisturbed } from "./undisturbed.js";
import type { Call } from "./use-cases.js";

/** What changes of one entry; the path is empty for a volume without a file system. */
export interface EntryChange {
  readonly path: string;
  /** Unset: it is new. */
  readonly before?: InspectedEntry;
  /** Unset: it goes. */
  readonly after?: InspectedEntry;
}

/** What the pending generation would change of what a guest sees. */
export interface DriveDiff {
  /** 0 when no guest sees the drive; then all of the pending one is new. */
  readonly applied: number;
  readonly pending: number;
  /** By path. */
  readonly changes: readonly EntryChange[];
}

/**
 * Compares the pending generation with the applied one, entry by entry, by size, digest and mode; content is never told.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_NOT_READY, STORAGE_FAILED.
 */
export async function diff(
  deps: Pick<Dependencies, "catalog" | "images" | "contents">,
  driveId: string,
  call: Call,
): Promise<DriveDiff> {
  return await undisturbed(() => compare(deps, driveId, call));
}

async function compare(
  deps: Pick<Dependencies, "catalog" | "images" | "contents">,
  driveId: string,
  call: Call,
): Promise<DriveDiff> {
  const { drive } = await ownDrive(deps, driveId, call.projectId);
  const applied = appliedGeneration(drive);
  const pending = pendingGeneration(drive)?.number;
  if (pending === undefined) {
    throw new Refusal("DRIVE_NOT_READY", `drive ${driveId} has no generation that is ready`, {
      metadata: { drive_id: driveId },
    });
  }
  if (applied === pending) return { applied, pending, changes: [] };
  const wait = { signal: call.signal };
  const after = entriesOf(await inspectGeneration(deps, drive, pending, wait));
  const before = applied === 0 ? new Map() : entriesOf(await inspectGeneration(deps, drive, applied, wait));
  return { applied, pending, changes: changesOf(before, after) };
}

/** A volume without a file system counts as one entry. */
function entriesOf(image: InspectedImage): ReadonlyMap<string, InspectedEntry> {
  if (image.format !== "raw") return new Map(image.entries.map((entry) => [entry.path, entry]));
  const { sizeBytes, sha256 } = image;
  return new Map([["", { path: "", kind: "file", sizeBytes, sha256, mode: 0 }]]);
}

function changesOf(
  before: ReadonlyMap<string, InspectedEntry>,
  after: ReadonlyMap<string, InspectedEntry>,
): readonly EntryChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old !== undefined && now !== undefined && same(old, now)) return [];
    return [{ path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
}

function same(a: InspectedEntry, b: InspectedEntry): boolean {
  return a.kind === b.kind && a.sizeBytes === b.sizeBytes && a.sha256 === b.sha256 && a.mode === b.mode;
}
