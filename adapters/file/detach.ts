import { rm } from "node:fs/promises";
import { join } from "node:path";
import { failed, folderOf } from "./folder.js";
import { besideName, linkName } from "./link.js";

/** Takes the link away, and one that a kill kept from its place; an instance or link that is not there is a success. Refusals: HYPERVISOR_FAILED. */
export async function detach(root: string, instanceId: string, driveId: string): Promise<void> {
  try {
    const folder = folderOf(root, instanceId);
    await rm(join(folder, besideName(driveId)), { force: true });
    await rm(join(folder, linkName(driveId)), { force: true });
  } catch (error) {
    throw failed(error);
  }
}
