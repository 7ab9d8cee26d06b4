import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { Look } from "../node.js";
import { undo } from "../undo.js";
import { Bay } from "./bay.js";
import { requireDeployed, requireOwnMedia, requireServer } from "./choose.js";
import { removeMedia } from "./detach.js";
import { insert } from "./insert.js";
import { shownMedia } from "./observe.js";

/** Gives a node a drive as its CD. The same attach again is a success, and completes one that was cut short. */
export async function attachMedia(bay: Bay, look: Look, image: PlacedImage): Promise<void> {
  const { node } = bay;
  const inserted = await bay.inserted();
  requireOwnMedia(node.use, look, inserted, image.driveId);
  const shown = shownMedia(look, inserted);
  if (shown === image.generation) return;
  if (shown > 0) throw otherGeneration(node.use.instanceId, image, shown);
  requireServer(node.use);
  requireDeployed(node.use, look);
  try {
    await insert(bay, inserted, image);
  } catch (error) {
    await undo(async (signal) => {
      const again = node.until(signal);
      await removeMedia(new Bay(again), await again.unlocked(), image.driveId);
    });
    throw error;
  }
}

function otherGeneration(instanceId: string, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "ironic", instance_id: instanceId } },
  );
}
