import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { attach } from "./attach.js";
import { requireSlot } from "./choose.js";
import type { Shown } from "./device-xml.js";
import { look, refuseSecondDisk, type Seen } from "./disks.js";
import { plug } from "./plug.js";
import type { Session } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Shows another generation: the old disk goes and the new one comes, for a cdrom too, because libvirt 9.0 cannot change the
 * medium of a SCSI cdrom that was plugged in while the guest ran. A refresh that was cut short is taken up where it was.
 */
export async function refresh(session: Session, image: PlacedImage, device: Device): Promise<void> {
  const seen = await look(session, image.driveId);
  refuseSecondDisk(session, seen, image.driveId, image.path);
  for (const one of seen) {
    const shown = one.own?.drive?.generation;
    if (shown !== undefined && shown !== image.generation) await change(session, one, image, device);
  }
  await attach(session, image, device);
}

/** Changes one view. When the new disk cannot come, the old one does again. */
async function change(session: Session, { view, own }: Seen, image: PlacedImage, device: Device): Promise<void> {
  await unplug(session, view, image.driveId);
  const come = async (on: Session, shown: Shown) => {
    const description = await on.describe(view);
    await plug(on, view, requireSlot(on, [description], device, image), shown);
  };
  try {
    await come(session, image);
  } catch (error) {
    await session.undo((undoing) => unplug(undoing, view, image.driveId));
    const { drive, file } = own ?? {};
    if (drive !== undefined && file !== undefined) {
      await session.undo((undoing) => come(undoing, { ...drive, path: file }));
    }
    throw error;
  }
}
