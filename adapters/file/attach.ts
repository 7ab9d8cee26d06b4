import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { runningFolder } from "./folder.js";
import { point, shownGeneration } from "./link.js";

/** Puts the link there. The same again is a success. Refusals: INSTANCE_NOT_FOUND, DEVICE_BUSY, HYPERVISOR_FAILED. */
export async function attach(root: string, instanceId: string, image: PlacedImage): Promise<void> {
  const folder = await runningFolder(root, instanceId);
  const shown = await shownGeneration(folder, image.driveId);
  if (shown === image.generation) return;
  if (shown !== undefined) {
    throw new Refusal("DEVICE_BUSY", `instance ${instanceId} has drive ${image.driveId} already, generation ${shown}`, {
      metadata: { instance_id: instanceId, drive_id: image.driveId },
    });
  }
  await point(folder, image);
}
