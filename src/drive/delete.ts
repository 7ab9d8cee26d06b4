import { begin, settle } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { Call, DeleteDrive } from "./use-cases.js";

/**
 * Removes a drive that nobody has attached: files, specs and rows. A drive that is not there, or not the caller's, is a
 * success and nothing happens.
 * Refusals: DRIVE_ATTACHED, DRIVE_BUSY.
 */
export async function deleteDrive(
  deps: Dependencies,
  running: Running,
  request: DeleteDrive,
  call: Call,
): Promise<void> {
  const { driveId } = request;
  await mutate(deps, running, "delete", { ...request }, call, async (begun) => {
    const found = await deps.catalog.find(driveId);
    if (found === undefined || found.drive.projectId !== call.projectId) {
      return await settle(deps, begun, driveId);
    }
    const record = await idleDrive(deps, driveId, begun);
    const [holder] = record.drive.attachments;
    if (holder !== undefined) {
      throw new Refusal("DRIVE_ATTACHED", `drive ${driveId} is attached to instance ${holder.instanceId}`, {
        metadata: { drive_id: driveId, instance_id: holder.instanceId },
      });
    }
    const drive = { ...record.drive, deleting: true, updatedAt: deps.now() };
    return await begin(deps, running, "delete", begun, { drive, from: record });
  });
}
