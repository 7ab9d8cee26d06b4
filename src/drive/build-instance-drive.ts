import { standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import { type Generation, pendingGeneration } from "./drive.js";
import { hostOf, requireServed } from "./host.js";
import { instanceDriveId } from "./instance-drive-id.js";
import { populate } from "./populate.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { BuildInstanceDrive, Call, InstanceDrive } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * The drive that an instance is born with, for a compute manager that shows it itself: builds it, or the next generation of it,
 * and gives it when its image stands on the host that was named. Nothing is said of what a guest sees until the manager tells it
 * by an attach; a build whose answer came too late changes nothing that anybody has.
 * Refusals: HOST_UNKNOWN, and those of `populate` and `standingImage`.
 */
export async function buildInstanceDrive(
  deps: Dependencies,
  running: Running,
  request: BuildInstanceDrive,
  call: Call,
): Promise<InstanceDrive> {
  const { instanceId, role, host, ...wanted } = request;
  requireServed(deps, host);
  const driveId = instanceDriveId(instanceId, role);
  const asked = { ...wanted, driveId, label: "", whenAttached: "stage" as const, bornWith: instanceId };
  const drive = await populate(deps, running, asked, call);
  const generation: Generation | undefined = drive === undefined ? undefined : pendingGeneration(drive);
  if (drive === undefined || generation === undefined) {
    throw new Refusal("DRIVE_NOT_FOUND", `drive ${driveId} of instance ${instanceId} was deleted since`, {
      metadata: { drive_id: driveId },
    });
  }
  const wait = { signal: AbortSignal.any([running.stop, AbortSignal.timeout(deps.limits.operationMs)]) };
  const { images } = hostOf(deps, host, drive);
  const standing = standingImage({ ...deps, images }, drive, generation.number, wait);
  return { drive, generation, image: await untilAborted(standing, call.signal) };
}
