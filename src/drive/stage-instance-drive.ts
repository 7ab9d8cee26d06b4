import type { Dependencies } from "./dependencies.js";
import { type Drive, type Generation, pendingGeneration } from "./drive.js";
import { requireServed } from "./host.js";
import { imageOnHost } from "./image-on-host.js";
import { instanceDriveId } from "./instance-drive-id.js";
import { ownDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { Call, InstanceDrive, StageInstanceDrive } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Brings an image of an instance's own drive to a host, for a compute manager that shows it itself: where the instance moves to,
 * and where its file was lost. It changes nothing in the catalog, also where another operation on the drive is under way, and
 * can be asked for again at any time.
 * Refusals: DRIVE_NOT_FOUND, HOST_UNKNOWN, and those of `standingImage`.
 */
export async function stageInstanceDrive(
  deps: Dependencies,
  running: Running,
  request: StageInstanceDrive,
  call: Call,
): Promise<InstanceDrive> {
  const { instanceId, host } = request;
  requireServed(deps, host);
  const { drive } = await ownDrive(deps, instanceDriveId(instanceId, "config"), call.projectId);
  const standing = imageOnHost(deps, running, drive, host, (read) => askedOf(read, request.generation));
  return await untilAborted(standing, call.signal);
}

/** The generation of this number, or the pending one for 0. Refusals: DRIVE_NOT_READY. */
function askedOf(drive: Drive, asked: number): Generation {
  const number = asked === 0 ? pendingGeneration(drive)?.number : asked;
  const generation = drive.generations.find((candidate) => candidate.number === number);
  if (generation?.state === "READY") return generation;
  const which = asked === 0 ? "no generation" : `no generation ${asked}`;
  throw new Refusal("DRIVE_NOT_READY", `drive ${drive.id} has ${which} that is ready`, {
    metadata: { drive_id: drive.id },
  });
}
