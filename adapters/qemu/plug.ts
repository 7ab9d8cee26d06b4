import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { findDevice, shownGeneration } from "./blocks.js";
import { lastPlaceFor, placeFor } from "./choose.js";
import type { Place } from "./place.js";
import { isCommandRefused } from "./refusals.js";
import type { Session } from "./session.js";

/** virtio-blk tells a guest the first 20 characters of a serial number (VIRTIO 1.2, 5.2.6.1). */
const SERIAL_CHARACTERS = 20;

/**
 * Plugs in a device that shows a block node. The serial number is the drive's id, as a volume's is; there is no boot index,
 * so that the drive comes after every device that has one.
 * The place that was seen when the device was chosen is tried first: QEMU refuses one that is taken or gone, and then the machine is
 * read anew.
 */
export async function plug(session: Session, image: PlacedImage, device: Device, node: string): Promise<void> {
  const last = lastPlaceFor(session, device);
  session.monitor.forget();
  if (last !== undefined) {
    try {
      return await addDevice(session, image, device, node, last);
    } catch (error) {
      if (!isCommandRefused(error)) throw error;
    }
  }
  await addDevice(session, image, device, node, await placeFor(session, device, image));
}

async function addDevice(
  session: Session,
  image: PlacedImage,
  device: Device,
  node: string,
  place: Place,
): Promise<void> {
  await session.do("device_add", {
    ...place.properties,
    id: device.name,
    drive: node,
    serial: image.driveId.slice(0, SERIAL_CHARACTERS),
  });
}

/** Success means seen: refuses unless QEMU says that the guest's device shows the image. */
export async function requireShown(session: Session, image: PlacedImage): Promise<void> {
  const device = await findDevice(session, image.driveId);
  const shown = device === undefined ? undefined : shownGeneration(device);
  if (shown === image.generation) return;
  const state = shown === undefined ? "no device" : `generation ${shown}`;
  throw new Refusal(
    "HYPERVISOR_FAILED",
    `instance ${session.instanceId}: QEMU took generation ${image.generation} of drive ${image.driveId} but shows ${state}`,
    { metadata: { hypervisor: "qemu", instance_id: session.instanceId } },
  );
}
