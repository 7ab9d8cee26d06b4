import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { guestinfoOf, NotForGuestinfo } from "./guestinfo.js";
import type { Look, Machine } from "./machine.js";
import { deviceName } from "./names.js";
import { undo } from "./undo.js";

/** Whether a wish is for properties of the machine. */
export function wishesProperties({ kind, bus }: DeviceWish): boolean {
  return kind === "properties" || bus === "guestinfo";
}

/** Looks whether a machine's properties can carry an image. Refuses with BUS_NOT_AVAILABLE, saying what would work. */
export async function chooseProperties(machine: Machine, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const { instanceId } = machine.use;
  if ((wish.kind ?? "properties") !== "properties" || (wish.bus ?? "guestinfo") !== "guestinfo") {
    throw refused(instanceId, `there is no ${wish.kind} on ${wish.bus}; would work: properties on guestinfo`);
  }
  valuesOf(instanceId, image);
  requireRoom(instanceId, await machine.glance(), image.driveId);
  const reason = `${wish.why ?? "asked for"}; read by cloud-init's DataSourceVMware`;
  return { kind: "properties", bus: "guestinfo", name: deviceName(image.driveId), reason };
}

/**
 * Lets the machine's properties carry an image, instead of what they carry of the drive. One change of the machine: a guest sees all of
 * one generation. The same again is a success.
 */
export async function carry(machine: Machine, image: PlacedImage): Promise<void> {
  const { driveId, generation } = image;
  const values = valuesOf(machine.use.instanceId, image);
  const look = await machine.look();
  requireRoom(machine.use.instanceId, look, driveId);
  const { drive } = look.properties;
  if (drive?.generation === generation) return;
  try {
    await machine.carry(driveId, generation, values);
    await requireCarried(machine, image);
  } catch (error) {
    if (drive === undefined) await undo(machine.use, (signal) => carryNone(machine.until(signal), driveId));
    throw error;
  }
}

/** Takes a drive out of the machine's properties; one that they do not carry is a success. */
export async function carryNone(machine: Machine, driveId: string): Promise<void> {
  const { properties } = await machine.look();
  if (properties.drive?.driveId === driveId) await machine.carryNone();
}

/** Success means seen. Refuses with HYPERVISOR_FAILED. */
async function requireCarried(machine: Machine, { driveId, generation }: PlacedImage): Promise<void> {
  const { drive } = (await machine.glance()).properties;
  if (drive?.driveId === driveId && drive.generation === generation) return;
  const { instanceId } = machine.use;
  throw new Refusal(
    "HYPERVISOR_FAILED",
    `vCenter reported success, and instance ${instanceId} has no such properties`,
    {
      metadata: { hypervisor: "vsphere", instance_id: instanceId },
    },
  );
}

/** A machine has one set of variables. */
function requireRoom(instanceId: string, { properties }: Look, driveId: string): void {
  const { drive, foreign } = properties;
  if (drive !== undefined && drive.driveId !== driveId) {
    throw refused(instanceId, `guestinfo carries drive ${drive.driveId}, and can carry one; would work: a cdrom`);
  }
  if (foreign !== undefined) throw refused(instanceId, `somebody else has set ${foreign}; would work: a cdrom`);
}

function valuesOf(instanceId: string, image: PlacedImage): Readonly<Record<string, string>> {
  try {
    return guestinfoOf(image);
  } catch (error) {
    if (!(error instanceof NotForGuestinfo)) throw error;
    throw refused(instanceId, `${error.message}; would work: a cdrom`);
  }
}

function refused(instanceId: string, why: string): Refusal {
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "vsphere", instance_id: instanceId },
  });
}
