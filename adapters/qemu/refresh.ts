import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { attach } from "./attach.js";
import { type BlockDevice, findDevice, shownGeneration } from "./blocks.js";
import { changeMedium } from "./medium.js";
import { addNode, removeNode, removeUnusedNodes } from "./nodes.js";
import { plug, requireShown } from "./plug.js";
import type { Session } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Shows another generation on a device that the guest has. A cdrom changes its medium; a disk cannot, and a guest that has
 * read from it would mix old bytes with new, so the disk goes and comes. A refresh that was cut short in between is taken
 * up where the device is.
 */
export async function refresh(session: Session, image: PlacedImage, device: Device, force: boolean): Promise<void> {
  const own = await findDevice(session, image.driveId);
  if (own === undefined) return attach(session, image, device);
  if (shownGeneration(own) === image.generation) return removeUnusedNodes(session, image.driveId);
  if (device.kind === "cdrom") return changeMedium(session, image, own, force);
  return changeDisk(session, image, device, own);
}

/** The new node is opened first, so that a missing image leaves the guest as it is; the old one is kept until the new is shown. */
async function changeDisk(session: Session, image: PlacedImage, device: Device, own: BlockDevice): Promise<void> {
  await removeUnusedNodes(session, image.driveId);
  const node = await addNode(session, image);
  try {
    await unplug(session, image.driveId, device.name);
  } catch (error) {
    await session.undo((undoing) => removeNode(undoing, node));
    throw error;
  }
  try {
    await plug(session, image, device, node);
    await requireShown(session, image);
  } catch (error) {
    await session.undo((undoing) => removeNode(undoing, node));
    const old = own.node;
    if (old !== undefined) await session.undo((undoing) => plug(undoing, image, device, old));
    throw error;
  }
  await removeUnusedNodes(session, image.driveId);
}
