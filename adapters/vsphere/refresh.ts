import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { attach, requireShown } from "./attach.js";
import type { Datastore } from "./datastore.js";
import { type Machine, ownCdrom } from "./machine.js";
import { undo } from "./undo.js";

/** Lets the CD-ROM show another generation; the old image goes once that was seen. A refresh that was cut short is completed. */
export async function refresh(machine: Machine, on: Datastore, image: PlacedImage, device: Device): Promise<void> {
  const own = ownCdrom(await machine.look(), image.driveId);
  if (own?.drive === undefined || own.drive.generation === image.generation) {
    return await attach(machine, on, image, device);
  }
  const old = { driveId: image.driveId, generation: own.drive.generation };
  const { datastore } = own.drive;
  try {
    await on.put(image);
    await machine.show("edit", own, on.name, image);
    await requireShown(machine, image);
  } catch (error) {
    await undo(machine.use, async (signal) => {
      const now = ownCdrom(await machine.until(signal).look(), image.driveId);
      if (now?.drive?.generation === image.generation) await machine.until(signal).show("edit", now, datastore, old);
      await on.until(signal).remove(image.driveId, image.generation);
    });
    throw error;
  }
  await on.remove(old.driveId, old.generation);
}
