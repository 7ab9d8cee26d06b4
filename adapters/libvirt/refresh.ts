import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { attach } from "./attach.js";
import { bring, sweep } from "./bring.js";
import { requireSlot } from "./choose.js";
import type { Shown } from "./device-xml.js";
import { look, type Seen } from "./disks.js";
import { plug } from "./plug.js";
import type { Session } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Shows another generation: the old disk goes and the new one comes, for a cdrom too, because libvirt 9.0 cannot change the
 * medium of a SCSI cdrom that was plugged in while the guest ran. A refresh that was cut short is taken up where it was.
 */
export async function refresh(
  session: Session,
  pool: string | undefined,
  image: PlacedImage,
  device: Device,
): Promise<void> {
  const seen = await look(session, image.driveId);
  const old = seen.filter(
    ({ own }) => own?.drive !== undefined && (own.drive.generation !== image.generation || own.trayOpen),
  );
  try {
    if (old.length > 0) {
      const shown = await bring(session, pool, image, seen);
      for (const one of old) await change(session, one, shown, image, device);
    }
    await attach(session, pool, image, device);
  } finally {
    await session.undo((undoing) => sweep(undoing.host, pool, image.driveId, undoing));
  }
}

/** Changes one view. When the new disk cannot come, the old one does again. */
async function change(
  session: Session,
  { view, own }: Seen,
  shown: Shown,
  image: PlacedImage,
  device: Device,
): Promise<void> {
  await unplug(session, view, image.driveId);
  const come = async (on: Session, what: Shown) => {
    const description = await on.describe(view);
    await plug(on, view, requireSlot(on, [description], device, image), what);
  };
  try {
    await come(session, shown);
  } catch (error) {
    await session.undo((undoing) => unplug(undoing, view, image.driveId));
    const { drive, file } = own ?? {};
    if (drive !== undefined && file !== undefined) {
      await session.undo((undoing) => come(undoing, { ...shown, ...drive, path: file }));
    }
    throw error;
  }
}
