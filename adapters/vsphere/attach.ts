import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { requireSlot } from "./choose.js";
import type { Datastore } from "./datastore.js";
import { detach } from "./detach.js";
import { type Machine, ownCdrom } from "./machine.js";
import { undo } from "./undo.js";

/** A key that is not taken: vCenter gives the real one (VirtualDevice.key). */
const NEW_KEY = -1;

/** Uploads an image, then adds a CD-ROM that shows it. The same attach again is a success, and completes one that was cut short. */
export async function attach(machine: Machine, on: Datastore, image: PlacedImage, device: Device): Promise<void> {
  const { instanceId } = machine.use;
  const look = await machine.look();
  const own = ownCdrom(look, image.driveId);
  if (own?.drive !== undefined) {
    if (own.drive.generation !== image.generation) throw otherGeneration(instanceId, image, own.drive.generation);
    if (!own.connected) await machine.show("edit", own, own.drive);
    return await requireShown(machine, image);
  }
  const slot = requireSlot(instanceId, look, device.bus);
  try {
    await machine.show("add", { key: NEW_KEY, ...slot }, await on.put(image));
    await requireShown(machine, image);
  } catch (error) {
    await undo(machine.use, (signal) => detach(machine.until(signal), on.until(signal), image.driveId));
    throw error;
  }
}

/** Success means seen. Refuses with HYPERVISOR_FAILED. */
export async function requireShown(machine: Machine, { driveId, generation }: PlacedImage): Promise<void> {
  const own = ownCdrom(await machine.glance(), driveId);
  if (own?.drive?.generation === generation && own.connected) return;
  const why = own === undefined ? "has no CD-ROM for it" : "has its CD-ROM, but without the medium";
  throw new Refusal("HYPERVISOR_FAILED", `vCenter reported success, and instance ${machine.use.instanceId} ${why}`, {
    metadata: { hypervisor: "vsphere", instance_id: machine.use.instanceId },
  });
}

function otherGeneration(instanceId: string, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "vsphere", instance_id: instanceId } },
  );
}
