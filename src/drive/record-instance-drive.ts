import { settle } from "./begin.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { requireServed } from "./host.js";
import { withdrawImages } from "./host-images.js";
import { instanceDriveId } from "./instance-drive-id.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Call, RecordInstanceDrive } from "./use-cases.js";

/**
 * Takes a compute manager's word that it shows an instance its own drive, or shows it no more on a host: one commit, and no
 * hypervisor is asked. What stood there before of the same instance, such as the host that it came from, is replaced, and copies of
 * images that are needed nowhere else go.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY, HOST_UNKNOWN; DRIVE_NOT_READY for a generation that is not ready; ATTACHED_ELSEWHERE
 * where another instance has the drive.
 */
export async function recordInstanceDrive(
  deps: Dependencies,
  running: Running,
  request: RecordInstanceDrive,
  call: Call,
): Promise<Outcome> {
  const { instanceId, host, shown, ...mutation } = request;
  const fields = { ...mutation, instanceId, host, ...(shown && { ...shown, device: { ...shown.device } }) };
  return await mutate(deps, running, "record", fields, call, async (begun) => {
    requireServed(deps, host);
    const driveId = instanceDriveId(instanceId, "config");
    const record = await idleDrive(deps, driveId, begun);
    const drive = shown === undefined ? notShownOn(deps, record, request) : shownOn(deps, record, request, shown);
    const settled = await settle(deps, begun, driveId, record, drive);
    if (!begun.validateOnly) await withdrawImages(deps, record.drive, settled, [host]);
    return settled;
  });
}

/** The drive with the host and the generation where its instance has it now. */
function shownOn(
  deps: Dependencies,
  { drive }: DriveRecord,
  { instanceId, host }: RecordInstanceDrive,
  { generation, device }: NonNullable<RecordInstanceDrive["shown"]>,
): Drive {
  if (!drive.generations.some(({ number, state }) => number === generation && state === "READY")) {
    throw new Refusal("DRIVE_NOT_READY", `drive ${drive.id} has no generation ${generation} that is ready`, {
      metadata: { drive_id: drive.id },
    });
  }
  const other = drive.attachments.find((attachment) => attachment.instanceId !== instanceId);
  if (other !== undefined) {
    throw new Refusal("ATTACHED_ELSEWHERE", `drive ${drive.id} is attached to instance ${other.instanceId}`, {
      metadata: { drive_id: drive.id, instance_id: other.instanceId, host: other.host },
    });
  }
  const at = deps.now();
  const attachment: Attachment = {
    ...{ instanceId, host, device, createdAt: at },
    ...{ state: "ATTACHED", desiredGeneration: generation, observedGeneration: generation },
  };
  return { ...drive, lastInstanceId: instanceId, attachments: [attachment], updatedAt: at };
}

/** The drive without what its instance had on a host; as it is where the instance has it on another one. */
function notShownOn(deps: Dependencies, { drive }: DriveRecord, { instanceId, host }: RecordInstanceDrive): Drive {
  const attachments = drive.attachments.filter((one) => one.instanceId !== instanceId || one.host !== host);
  if (attachments.length === drive.attachments.length) return drive;
  return { ...drive, attachments, updatedAt: deps.now() };
}
