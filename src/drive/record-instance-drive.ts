import { settle } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import type { Attachment } from "./drive.js";
import { requireServed } from "./host.js";
import { instanceDriveId } from "./instance-drive-id.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Call, RecordInstanceDrive } from "./use-cases.js";

/**
 * Takes a compute manager's word that it shows an instance its own drive: one commit, and no hypervisor is asked. What stood
 * there before of the same instance, such as the host that it came from, is replaced.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY, HOST_UNKNOWN; DRIVE_NOT_READY for a generation that is not ready; ATTACHED_ELSEWHERE
 * where another instance has the drive.
 */
export async function recordInstanceDrive(
  deps: Dependencies,
  running: Running,
  request: RecordInstanceDrive,
  call: Call,
): Promise<Outcome> {
  const { instanceId, host, generation, device } = request;
  return await mutate(deps, running, "record", { ...request, device: { ...device } }, call, async (begun) => {
    requireServed(deps, host);
    const driveId = instanceDriveId(instanceId, "config");
    const record = await idleDrive(deps, driveId, begun);
    const { drive } = record;
    if (!drive.generations.some(({ number, state }) => number === generation && state === "READY")) {
      throw new Refusal("DRIVE_NOT_READY", `drive ${driveId} has no generation ${generation} that is ready`, {
        metadata: { drive_id: driveId },
      });
    }
    const other = drive.attachments.find((attachment) => attachment.instanceId !== instanceId);
    if (other !== undefined) {
      throw new Refusal("ATTACHED_ELSEWHERE", `drive ${driveId} is attached to instance ${other.instanceId}`, {
        metadata: { drive_id: driveId, instance_id: other.instanceId, host: other.host },
      });
    }
    const at = deps.now();
    const attachment: Attachment = {
      ...{ instanceId, host, device, createdAt: at },
      ...{ state: "ATTACHED", desiredGeneration: generation, observedGeneration: generation },
    };
    const shown = { ...drive, lastInstanceId: instanceId, attachments: [attachment], updatedAt: at };
    return await settle(deps, begun, driveId, record, shown);
  });
}
