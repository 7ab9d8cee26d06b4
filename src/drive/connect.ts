import { settle } from "./begin.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import { type Attachment, type Drive, type Generation, pendingGeneration } from "./drive.js";
import { requireServed } from "./host.js";
import { imageOnHost } from "./image-on-host.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { Call, ConnectDrive, InstanceDrive } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Gives an instance a drive that its compute manager shows itself: one commit says that the instance has the pending
 * generation, no hypervisor is asked, and the image is brought to the host for the manager to copy. Again for the same instance
 * is what a start of it is: it has the generation that is pending then, and has it nowhere else. A guest that comes from another
 * host as it runs has what it has there, on both until it is disconnected from one of them.
 * Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY, HOST_UNKNOWN; DRIVE_NOT_READY where no generation is; ATTACHED_ELSEWHERE where another
 * instance has the drive; and those of `standingImage`, after which the instance has the drive all the same.
 */
export async function connect(
  deps: Dependencies,
  running: Running,
  request: ConnectDrive,
  call: Call,
): Promise<InstanceDrive> {
  const { driveId, instanceId, host, device } = request;
  const outcome = await mutate(deps, running, "connect", { ...request, device: { ...device } }, call, async (begun) => {
    requireServed(deps, host);
    const record = await idleDrive(deps, driveId, begun);
    const others = othersOf(record, request);
    const number = others[0]?.desiredGeneration ?? pendingOf(record.drive).number;
    const at = deps.now();
    const attachment: Attachment = {
      ...{ instanceId, host, device, createdAt: at },
      ...{ state: "ATTACHED", desiredGeneration: number, observedGeneration: number },
    };
    const attachments = [...others, attachment];
    // What does not end with an instance is nobody's once it is disconnected: a release of the instance passes it over.
    const { deleteOnTermination, lastInstanceId: before } = record.drive;
    const lastInstanceId = deleteOnTermination ? instanceId : before;
    const drive = { ...record.drive, lastInstanceId, attachments, updatedAt: at };
    return await settle(deps, begun, driveId, record, drive);
  });
  if (outcome === undefined) {
    throw new Refusal("DRIVE_NOT_FOUND", `drive ${driveId} was deleted since`, { metadata: { drive_id: driveId } });
  }
  const standing = imageOnHost(deps, running, outcome, host, (drive) => givenOn(drive, host));
  return await untilAborted(standing, call.signal);
}

/** Where else the instance has the drive from now on: where it runs and comes from. Refusals: ATTACHED_ELSEWHERE where another instance has the drive. */
function othersOf({ drive }: DriveRecord, { instanceId, host, running }: ConnectDrive): readonly Attachment[] {
  const other = drive.attachments.find((attachment) => attachment.instanceId !== instanceId);
  if (other !== undefined) {
    throw new Refusal("ATTACHED_ELSEWHERE", `drive ${drive.id} is attached to instance ${other.instanceId}`, {
      metadata: { drive_id: drive.id, instance_id: other.instanceId, host: other.host },
    });
  }
  return running ? drive.attachments.filter((attachment) => attachment.host !== host) : [];
}

function pendingOf(drive: Drive): Generation {
  const generation = pendingGeneration(drive);
  if (generation !== undefined) return generation;
  throw new Refusal("DRIVE_NOT_READY", `drive ${drive.id} has no generation that is ready`, {
    metadata: { drive_id: drive.id },
  });
}

/** The generation that the instance has on a host; where it was disconnected since, the one that it would get. */
function givenOn(drive: Drive, host: string): Generation {
  const attached = drive.attachments.find((attachment) => attachment.host === host)?.desiredGeneration;
  return drive.generations.find(({ number }) => number === attached) ?? pendingOf(drive);
}
