import type { Device, DeviceBus } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { Slot } from "./devices.js";
import type { Look, Machine } from "./machine.js";
import { deviceName } from "./names.js";

/** A CD is read in sectors of 2048 bytes; what is left over at its end is lost to the guest. */
const CD_SECTOR_BYTES = 2048;

/** Chooses a place for a CD-ROM. Refuses with BUS_NOT_AVAILABLE, saying what would work. */
export async function choose(machine: Machine, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const look = await machine.glance();
  const { instanceId } = machine.use;
  if (wish.kind === "disk")
    throw noPlace(instanceId, look, "vSphere shows an image as a cdrom, or carries its files as properties");
  if (image.sizeBytes % CD_SECTOR_BYTES !== 0) throw cutOff(instanceId, image);
  const { bus, unit } = requireSlot(instanceId, look, wish.bus);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const why = asked ? (wish.why ?? "asked for") : `${image.format} image: every guest reads a CD`;
  return { kind: "cdrom", bus, name: deviceName(image.driveId), reason: `${why}; ${bus} unit ${unit}` };
}

/** The place that a CD-ROM can have now. */
export function requireSlot(instanceId: string, look: Look, bus: DeviceBus | undefined): Slot {
  const slot = usable(look).find((free) => (bus ?? free.bus) === free.bus);
  if (slot !== undefined) return slot;
  throw noPlace(instanceId, look, whyNone(look, bus));
}

/** A machine that is on takes a CD-ROM at SATA, and none at IDE (vSphere, "Add or Modify a Virtual Machine CD or DVD Drive"). */
function usable({ hardware, power }: Look): readonly Slot[] {
  return power === "off" ? hardware.free : hardware.free.filter(({ bus }) => bus === "sata");
}

function whyNone({ hardware, power }: Look, bus: DeviceBus | undefined): string {
  if (bus !== undefined && bus !== "sata" && bus !== "ide") return `vSphere has no cdrom on ${bus}`;
  const free = hardware.free.some((slot) => (bus ?? slot.bus) === slot.bus);
  if (free && power !== "off") return "a machine that is on takes nothing at IDE";
  return bus === "ide" ? "every place at IDE is taken" : "the machine has no SATA (AHCI) controller with a free port";
}

function cutOff(instanceId: string, { sizeBytes }: PlacedImage): Refusal {
  const whole = Math.ceil(sizeBytes / CD_SECTOR_BYTES) * CD_SECTOR_BYTES;
  return refused(
    instanceId,
    `vSphere shows an image as a cdrom, which has whole sectors of ${CD_SECTOR_BYTES} bytes, and this one has ${sizeBytes} bytes; would work: ${whole} bytes`,
  );
}

function noPlace(instanceId: string, look: Look, lacks: string): Refusal {
  const works = [...new Set(usable(look).map(({ bus }) => `cdrom on ${bus}`))].join(", ");
  const instead = works === "" ? "nothing would work while the machine is as it is" : `would work: ${works}`;
  return refused(instanceId, `${lacks}; ${instead}`);
}

function refused(instanceId: string, why: string): Refusal {
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "vsphere", instance_id: instanceId },
  });
}
