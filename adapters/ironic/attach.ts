import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { requireOwn } from "./choose.js";
import type { Look, Node } from "./node.js";
import { shownGeneration } from "./observe.js";
import { place } from "./place.js";
import { stageOf } from "./states.js";
import { undo } from "./undo.js";

/** Gives a node its config drive. The same attach again is a success, and completes one that was cut short. */
export async function attach(node: Node, look: Look, image: PlacedImage): Promise<void> {
  const { use } = node;
  requireOwn(use, look, image.driveId);
  const shown = shownGeneration(look);
  if (shown === image.generation) return;
  if (shown > 0) throw otherGeneration(use.instanceId, image, shown);
  try {
    await place(node, look, image);
  } catch (error) {
    await undo((signal) => takeBack(node.until(signal), image.driveId));
    throw error;
  }
}

/** Takes the drive from a node that has nothing on its disk, as after a rebuild that failed; a rebuild under way goes on. */
async function takeBack(node: Node, driveId: string): Promise<void> {
  const { mark, state } = await node.look();
  if (mark?.drive !== driveId || stageOf(state) !== "undeployed") return;
  await node.write({ mark: undefined, configdrive: null });
}

function otherGeneration(instanceId: string, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "ironic", instance_id: instanceId } },
  );
}
