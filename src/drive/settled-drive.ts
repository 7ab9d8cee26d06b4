import { carryOut } from "./carry-out.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import { pendingGeneration } from "./drive.js";
import type { Operation } from "./operation.js";
import { busy } from "./own-drive.js";
import type { Running } from "./running.js";
import { isDriveBusy } from "./undisturbed.js";
import { untilAborted } from "./wait.js";

/**
 * A drive with nothing under way: what is open on it is waited for, also at another service, and carried to its end where nobody
 * does that. One that is refused and goes back has ended too. Waits no longer than an operation may run.
 * @param waitsFor - the operations that are waited for; a drive with any other is given as it is
 * Refusals: DRIVE_BUSY where there is no end of it; those of what was open, where it stays open or leaves no generation that is ready.
 */
export async function settledDrive(
  deps: Dependencies,
  running: Running,
  driveId: string,
  stop: AbortSignal,
  waitsFor: (operation: Operation) => boolean = () => true,
): Promise<DriveRecord | undefined> {
  const patience = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  for (;;) {
    // Asked for before the look, so that a write between the two is not missed.
    const written = deps.catalog.nextWrite();
    const record = await deps.catalog.find(driveId);
    const operation = record?.operation;
    if (record === undefined || operation === undefined || !waitsFor(operation)) return record;
    const end = running.endOf(operation.id);
    const work = async () => carryOut(deps, await deps.catalog.takeOver(record), stop);
    try {
      await untilAborted(end ?? running.operation(operation.id, work), patience);
    } catch (error) {
      if (stop.aborted) throw error;
      if (patience.aborted) throw busy(record);
      const now = await deps.catalog.find(driveId);
      const isOpen = now?.operation?.id === operation.id;
      if (isDriveBusy(error)) {
        if (isOpen) await untilAborted(written, patience).catch(() => undefined);
      } else if (isOpen || (now !== undefined && pendingGeneration(now.drive) === undefined)) {
        throw error;
      }
    }
  }
}
