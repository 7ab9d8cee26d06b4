import type { PlacedImage } from "#drive/hypervisor.js";
import { runningFolder } from "./folder.js";
import { point } from "./link.js";

/** Makes the link show another generation, in one step. Refusals: INSTANCE_NOT_FOUND, HYPERVISOR_FAILED. */
export async function refresh(root: string, instanceId: string, image: PlacedImage): Promise<void> {
  await point(await runningFolder(root, instanceId), image);
}
