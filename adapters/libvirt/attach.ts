import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { bring, sweep } from "./bring.js";
import { requireSlot } from "./choose.js";
import type { Shown, Slot } from "./device-xml.js";
import { look, type Seen } from "./disks.js";
import { plug } from "./plug.js";
import type { Session, View } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Shows an image to the guest: in the running domain, and in the stored one so that it is there after the next start too.
 * The same attach again is a success, and completes one that was cut short.
 */
export async function attach(
  session: Session,
  pool: string | undefined,
  image: PlacedImage,
  device: Device,
): Promise<void> {
  const seen = await lookAndTakeEjected(session, image.driveId);
  for (const { own } of seen) refuseOtherGeneration(session, image, own?.drive?.generation);
  if (seen.every(({ own }) => own !== undefined)) return;
  const slot = slotOf(session, seen, image, device);
  try {
    await plugMissing(session, seen, slot, await bring(session, pool, image, seen));
  } catch (error) {
    await session.undo((undoing) => sweep(undoing.host, pool, image.driveId, undoing));
    throw error;
  }
}

/** What the domain shows. A disk whose medium the guest has ejected shows nothing, and is taken so that it can come anew. */
async function lookAndTakeEjected(session: Session, driveId: string): Promise<Seen[]> {
  const seen = await look(session, driveId);
  const ejected = seen.filter(({ own }) => own?.trayOpen === true);
  if (ejected.length === 0) return seen;
  for (const { view } of ejected) await unplug(session, view, driveId);
  return await look(session, driveId);
}

/** Where the disk is to be, known before anything is brought or plugged. */
function slotOf(session: Session, seen: readonly Seen[], image: PlacedImage, device: Device): Slot {
  const missing = seen.filter(({ own }) => own === undefined);
  return requireSlot(
    session,
    missing.map(({ description }) => description),
    device,
    image,
  );
}

/** Adds the disk to every view that lacks it; takes it from those again when one of them fails. */
async function plugMissing(session: Session, seen: readonly Seen[], slot: Slot, shown: Shown): Promise<void> {
  const missing = seen.filter(({ own }) => own === undefined);
  const begun: View[] = [];
  try {
    for (const { view } of missing) {
      begun.push(view);
      await plug(session, view, slot, shown);
    }
  } catch (error) {
    for (const view of begun.reverse()) await session.undo((undoing) => unplug(undoing, view, shown.driveId));
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
