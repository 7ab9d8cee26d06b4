import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { type BlockDevice, shownGeneration } from "./blocks.js";
import { changeMedium } from "./medium.js";
import { addNode, lookAtBlocks, removeNode, removeUnusedNodes } from "./nodes.js";
import { plug, requireShown } from "./plug.js";
import type { Session } from "./session.js";

/** Shows an image to the guest on a device of the kind and bus chosen. The same attach again is a success. */
export async function attach(session: Session, image: PlacedImage, device: Device): Promise<void> {
  const seen = await lookAtBlocks(session);
  const own = seen.devices.find(({ driveId }) => driveId === image.driveId);
  refuseSecondDevice(session, image, seen.devices);
  if (own !== undefined) return attachAgain(session, image, own);

  await removeUnusedNodes(session, image.driveId, seen);
  const node = await addNode(session, image);
  try {
    await plug(session, image, device, node);
    await requireShown(session, image);
  } catch (error) {
    await session.undo((undoing) => removeNode(undoing, node));
    throw error;
  }
}

/** The device is there from an attach before: it shows the image, or nothing yet, or something that only a refresh may change. */
async function attachAgain(session: Session, image: PlacedImage, own: BlockDevice): Promise<void> {
  const shown = shownGeneration(own);
  if (shown === image.generation) return removeUnusedNodes(session, image.driveId);
  if (shown === 0) return changeMedium(session, image, own, false);
  throw new Refusal(
    "DEVICE_BUSY",
    `instance ${session.instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "qemu", instance_id: session.instanceId } },
  );
}

/** QEMU itself shows the same bytes on two devices without a word. */
function refuseSecondDevice(session: Session, image: PlacedImage, present: readonly BlockDevice[]): void {
  const other = present.find(({ driveId, file }) => driveId !== image.driveId && file === image.path);
  if (other === undefined) return;
  throw new Refusal("DEVICE_BUSY", `instance ${session.instanceId} shows ${image.path} already, as ${other.qdev}`, {
    metadata: { hypervisor: "qemu", instance_id: session.instanceId, device: other.qdev },
  });
}
