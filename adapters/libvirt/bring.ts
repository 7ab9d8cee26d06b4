import type { PlacedImage } from "#drive/hypervisor.js";
import type { Shown } from "./device-xml.js";
import { refuseSecondDisk, type Seen } from "./disks.js";
import type { Host } from "./host.js";
import { volumeName, volumePrefix } from "./names.js";
import type { Session } from "./session.js";
import { Volumes } from "./volumes.js";

/**
 * Brings an image to where the daemon can open it. Without a pool the daemon sees it at our own path; with one it is uploaded
 * into a volume, whose path is then what a disk shows. A volume that no disk of the domain shows may be half of an earlier
 * upload, and is written anew.
 */
export async function bring(
  session: Session,
  pool: string | undefined,
  image: PlacedImage,
  seen: readonly Seen[],
): Promise<Shown> {
  const { driveId, generation } = image;
  if (pool === undefined) {
    refuseSecondDisk(session, seen, driveId, image.path);
    return { driveId, generation, path: image.path, uploaded: false };
  }
  const volumes = await Volumes.open(session.host, pool);
  const name = volumeName(driveId, generation);
  const standing = await volumes.find(name);
  if (standing !== undefined) {
    refuseSecondDisk(session, seen, driveId, standing.path);
    if (seen.some(({ own }) => own?.file === standing.path)) {
      return { driveId, generation, path: standing.path, uploaded: true };
    }
    await volumes.delete(name);
  }
  const { path } = await volumes.upload(name, image);
  return { driveId, generation, path, uploaded: true };
}

/** Removes every volume of a drive that no disk of the domain shows. Without a pool, or a domain, there is none to look at. */
export async function sweep(
  host: Host,
  pool: string | undefined,
  driveId: string,
  session: Session | undefined,
): Promise<void> {
  if (pool === undefined) return;
  const volumes = await Volumes.open(host, pool);
  const names = await volumes.named(volumePrefix(driveId));
  if (names.length === 0) return;
  const shown = new Set<string | undefined>();
  for (const view of session?.views ?? []) {
    for (const { file } of (await session?.describe(view))?.disks ?? []) shown.add(file);
  }
  for (const name of names) {
    const volume = await volumes.find(name);
    if (volume !== undefined && !shown.has(volume.path)) await volumes.delete(name);
  }
}
