import { standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import type { Drive, Generation } from "./drive.js";
import { hostOf } from "./host.js";
import { ownDrive } from "./own-drive.js";
import type { Running } from "./running.js";
import { undisturbed } from "./undisturbed.js";
import type { InstanceDrive } from "./use-cases.js";

/**
 * Brings an image of a drive to a host, for a compute manager that shows it itself. It is nobody's operation: where one on the drive
 * was told to the host since the drive was read, which lets nothing older in, the drive is read again.
 * @param drive - as it was read
 * @param generationOf - which one, of the drive as it is then
 * Refusals: DRIVE_NOT_FOUND where it was deleted since; those of `generationOf` and `standingImage`.
 */
export async function imageOnHost(
  deps: Dependencies,
  running: Running,
  drive: Drive,
  host: string,
  generationOf: (drive: Drive) => Generation,
): Promise<InstanceDrive> {
  const wait = { signal: AbortSignal.any([running.stop, AbortSignal.timeout(deps.limits.operationMs)]) };
  let read = drive;
  const bring = async () => {
    const generation = generationOf(read);
    const { images } = hostOf(deps, host, read);
    return { drive: read, generation, image: await standingImage({ ...deps, images }, read, generation.number, wait) };
  };
  return await undisturbed(bring, async () => {
    read = (await ownDrive(deps, drive.id, drive.projectId)).drive;
  });
}
