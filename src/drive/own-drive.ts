import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import { etagOf } from "./drive.js";
import type { Begun } from "./mutate.js";
import { Refusal } from "./refusal.js";

/** The drive of this project by its id. Refusals: DRIVE_NOT_FOUND, also for another project's. */
export async function ownDrive(
  deps: Pick<Dependencies, "catalog">,
  driveId: string,
  projectId: string,
): Promise<DriveRecord> {
  const record = await deps.catalog.find(driveId);
  if (record === undefined || record.drive.projectId !== projectId) {
    throw new Refusal("DRIVE_NOT_FOUND", `there is no drive ${driveId}`, { metadata: { drive_id: driveId } });
  }
  return record;
}

/**
 * The drive that a request is about, with nothing under way.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY; ETAG_MISMATCH where it is not as the caller knows it.
 */
export async function idleDrive(
  deps: Pick<Dependencies, "catalog">,
  driveId: string,
  { request, etag }: Pick<Begun, "request" | "etag">,
): Promise<DriveRecord> {
  const record = await ownDrive(deps, driveId, request.projectId);
  if (record.operation !== undefined) throw busy(record);
  const now = etagOf(record.drive);
  if (etag === "" || etag === now) return record;
  throw new Refusal("ETAG_MISMATCH", `drive ${driveId} has changed: its etag is ${now}, not ${etag}`, {
    metadata: { drive_id: driveId },
    violations: [{ field: "etag", rule: "the drive's etag as it is now" }],
  });
}

/** Refuses because of the operation that is under way. */
export function busy({ drive, operation }: DriveRecord): Refusal {
  const what = operation?.kind ?? "unknown";
  return new Refusal("DRIVE_BUSY", `another operation on drive ${drive.id} is under way: ${what}`, {
    metadata: { drive_id: drive.id },
  });
}
