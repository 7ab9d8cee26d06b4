import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { attach, requireShown } from "./attach.js";
import type { Datastore } from "./datastore.js";
import { type Machine, ownCdrom } from "./machine.js";
import type { ShownImage } from "./names.js";
import { undo } from "./undo.js";

/** Lets the CD-ROM show another generation; the old image goes once that was seen. A refresh that was cut short is completed. */
export async function refresh(machine: Machine, on: Datastore, image: PlacedImage, device: Device): Promise<void> {
  const own = ownCdrom(await machine.look(), image.driveId);
  if (own?.drive === undefined || own.drive.generation === image.generation) {
    return await attach(machine, on, image, device);
  }
  const old = own.drive;
  let fresh: ShownImage | undefined;
  try {
    fresh = await on.put(image);
    await machine.show("edit", own, fresh);
    await requireShown(machine, image);
  } catch (error) {
    const uploaded = fresh;
    if (uploaded === undefined) throw error;
    await undo(machine.use, async (signal) => {
      const now = ownCdrom(await machine.until(signal).look(), image.driveId);
      if (now?.drive?.path === uploaded.path) await machine.until(signal).show("edit", now, old);
      await on.until(signal).remove(uploaded);
    });
    throw error;
  }
  await on.remove(old);
}
