import { carryOut } from "./carry-out.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Operation } from "./operation.js";
import type { Running } from "./running.js";

/** Most drives of a kind that are removed in one pass. */
const batch = 100;

/**
 * The drives that have been left over for longer than their kind is kept: those that could never be built, and ephemeral ones
 * that no instance has. Gives at most a batch of each.
 */
export async function oldLeftovers({
  catalog,
  limits,
  now,
}: Pick<Dependencies, "catalog" | "limits" | "now">): Promise<readonly DriveRecord[]> {
  const ages = { FAILED: limits.failedDriveMs, UNATTACHED: limits.unattachedDriveMs } as const;
  const found: DriveRecord[] = [];
  for (const kind of ["FAILED", "UNATTACHED"] as const) {
    if (!Number.isFinite(ages[kind])) continue;
    found.push(...(await catalog.leftovers(kind, new Date(now().getTime() - ages[kind]), batch)));
  }
  return found;
}

/** Removes a drive that was left over. Refusals: DRIVE_BUSY when somebody uses it after all. */
export async function removeLeftover(
  deps: Dependencies,
  running: Running,
  from: DriveRecord,
  stop: AbortSignal,
): Promise<void> {
  const at = deps.now();
  const operation: Operation = {
    id: deps.newId(),
    driveId: from.drive.id,
    kind: "expire",
    failure: undefined,
    force: false,
    request: undefined,
    startedAt: at,
  };
  const drive = { ...from.drive, deleting: true, updatedAt: at };
  await running.operation(operation.id, async () =>
    carryOut(deps, await deps.catalog.open({ request: undefined, operation, drive, from }), stop),
  );
}
