import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { requireSlot } from "./choose.js";
import { look, refuseSecondDisk, type Seen } from "./disks.js";
import { plug } from "./plug.js";
import type { Session, View } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Shows an image to the guest: in the running domain, and in the stored one so that it is there after the next start too.
 * The same attach again is a success, and completes one that was cut short.
 */
export async function attach(session: Session, image: PlacedImage, device: Device): Promise<void> {
  const seen = await look(session, image.driveId);
  refuseSecondDisk(session, seen, image.driveId, image.path);
  for (const { own } of seen) refuseOtherGeneration(session, image, own?.drive?.generation);
  await plugMissing(session, seen, image, device);
}

/** Adds the disk to every view that lacks it; takes it from those again when one of them fails. */
async function plugMissing(session: Session, seen: readonly Seen[], image: PlacedImage, device: Device): Promise<void> {
  const missing = seen.filter(({ own }) => own === undefined);
  if (missing.length === 0) return;
  const descriptions = seen.map(({ description }) => description);
  const slot = requireSlot(
    session,
    missing.length === seen.length ? descriptions : missing.map((it) => it.description),
    device,
    image,
  );
  const begun: View[] = [];
  try {
    for (const { view } of missing) {
      begun.push(view);
      await plug(session, view, slot, image);
    }
  } catch (error) {
    for (const view of begun.reverse()) await session.undo((undoing) => unplug(undoing, view, image.driveId));
    throw error;
  }
}

function refuseOtherGeneration(session: Session, image: PlacedImage, shown: number | undefined): void {
  if (shown === undefined || shown === image.generation) return;
  throw new Refusal(
    "DEVICE_BUSY",
    `instance ${session.instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "libvirt", instance_id: session.instanceId } },
  );
}
