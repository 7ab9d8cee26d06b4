import { begin } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import { pendingGeneration } from "./drive.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { refreshRendered } from "./refresh-rendered.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Call, RefreshDrive } from "./use-cases.js";

/**
 * Shows the pending generation to the instances that have the drive, and gives it when the hypervisor shows it. An instance
 * that does not run gets it at its next start. With `rerender` a generation is made first of what the instance's compute manager
 * says now (`refreshRendered`).
 */
export async function refresh(
  deps: Dependencies,
  running: Running,
  request: RefreshDrive,
  call: Call,
): Promise<Outcome> {
  const { driveId, force, rerender = false, ...mutation } = request;
  const asked = { ...mutation, driveId, force, ...(rerender && { rerender }) };
  return await mutate(deps, running, "refresh", asked, call, async (begun) => {
    if (rerender) return await refreshRendered(deps, running, driveId, force, begun);
    const record = await idleDrive(deps, driveId, begun);
    const pending = pendingGeneration(record.drive);
    if (record.drive.attachments.length === 0 || pending === undefined) {
      throw new Refusal("NOT_ATTACHED", `drive ${driveId} is attached to no instance`, {
        metadata: { drive_id: driveId },
      });
    }
    const attachments = record.drive.attachments.map((attachment) => ({
      ...attachment,
      state: "REFRESHING" as const,
      desiredGeneration: pending.number,
    }));
    const drive = { ...record.drive, attachments, updatedAt: deps.now() };
    return await begin(deps, running, "refresh", begun, { drive, from: record, force });
  });
}
