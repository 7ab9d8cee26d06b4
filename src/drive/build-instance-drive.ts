import type { Dependencies } from "./dependencies.js";
import { pendingGeneration } from "./drive.js";
import { requireServed } from "./host.js";
import { imageOnHost } from "./image-on-host.js";
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
  const deleted = () =>
    new Refusal("DRIVE_NOT_FOUND", `drive ${driveId} of instance ${instanceId} was deleted since`, {
      metadata: { drive_id: driveId },
    });
  const built = await populate(deps, running, asked, call);
  if (built === undefined) throw deleted();
  const standing = imageOnHost(deps, running, built, host, (drive) => {
    const generation = pendingGeneration(drive);
    if (generation === undefined) throw deleted();
    return generation;
  });
  return await untilAborted(standing, call.signal);
}
