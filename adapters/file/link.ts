import { access, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PlacedImage } from "#drive/hypervisor.js";
import { failed, isMissing } from "./folder.js";

const suffix = ".img";

/** The name of a drive's link in an instance's folder. */
export function linkName(driveId: string): string {
  return `${driveId}${suffix}`;
}

/** The name that a new link has before it takes its place; a drive has one operation at a time, so one name is enough. */
export function besideName(driveId: string): string {
  return `.${linkName(driveId)}.new`;
}

/** The drive that a link shows, by its name; `undefined` for what is none of ours. */
export function driveOfLink(name: string): string | undefined {
  return /^[0-9a-f-]{36}\.img$/.test(name) ? name.slice(0, -suffix.length) : undefined;
}

/** The generation that a link shows: images are called `<generation>.img`. `undefined` when there is no link. */
export async function shownGeneration(folder: string, driveId: string): Promise<number | undefined> {
  try {
    const target = await readlink(join(folder, linkName(driveId)));
    return Number.parseInt(basename(target, suffix), 10) || 0;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failed(error);
  }
}

/**
 * Makes the link show an image: a reader sees the old one or the new one, never neither. An image that is not there is
 * HYPERVISOR_FAILED, and the link stays as it was.
 */
export async function point(folder: string, image: PlacedImage): Promise<void> {
  const beside = join(folder, besideName(image.driveId));
  try {
    await access(image.path);
    await rm(beside, { force: true });
    await symlink(image.path, beside);
    await rename(beside, join(folder, linkName(image.driveId)));
  } catch (error) {
    throw failed(error);
  }
}
