import { settle } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import type { Outcome, Running } from "./running.js";
import type { Call, DisconnectDrive } from "./use-cases.js";

/**
 * Takes a compute manager's word that it no longer shows a drive to an instance on a host: one commit, and no hypervisor is
 * asked. An instance that does not have it there is a success, and whoever else has it keeps it.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY.
 */
export async function disconnect(
  deps: Dependencies,
  running: Running,
  request: DisconnectDrive,
  call: Call,
): Promise<Outcome> {
  const { driveId, instanceId, host } = request;
  return await mutate(deps, running, "disconnect", { ...request }, call, async (begun) => {
    const record = await idleDrive(deps, driveId, begun);
    const { drive } = record;
    const attachments = drive.attachments.filter(
      (attachment) => attachment.instanceId !== instanceId || attachment.host !== host,
    );
    if (attachments.length === drive.attachments.length) return await settle(deps, begun, driveId, record);
    return await settle(deps, begun, driveId, record, { ...drive, attachments, updatedAt: deps.now() });
  });
}
