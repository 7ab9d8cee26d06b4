import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import type { Machine } from "./machine.js";

/** Where a drive can be plugged in. */
export interface Place {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  /** What the place is, for people. */
  readonly at: string;
  /** The properties of device_add that name driver and place. */
  readonly properties: Readonly<Record<string, string | boolean>>;
}

/** Every place of a machine that a drive can be plugged into while the guest runs: the first of each kind and bus. */
export function placesOf(machine: Machine): Place[] {
  const places: Place[] = [];
  const [scsi] = machine.scsiBuses;
  const [usb] = machine.usbBuses;
  const pci = pciPlace(machine);
  if (scsi !== undefined) {
    const at = `virtio-scsi bus ${scsi}`;
    places.push({ kind: "cdrom", bus: "scsi", at, properties: { driver: "scsi-cd", bus: scsi } });
    places.push({ kind: "disk", bus: "scsi", at, properties: { driver: "scsi-hd", bus: scsi } });
  }
  if (pci !== undefined) {
    const properties = { driver: "virtio-blk-pci", ...pci.properties };
    places.push({ kind: "disk", bus: "virtio", at: pci.at, properties });
  }
  if (usb !== undefined) {
    const properties = { driver: "usb-storage", bus: usb };
    places.push({ kind: "disk", bus: "usb", at: `USB bus ${usb}`, properties });
  }
  return places;
}

/**
 * A free PCI slot. On `pc` it is the highest one: firmware tries disks without a boot index in the order of their slots, and
 * a drive is never to come first. On other machines only a root port takes a device while the machine runs; it is the last one.
 */
function pciPlace(machine: Machine): { at: string; properties: Record<string, string> } | undefined {
  const port = machine.freeRootPorts.at(-1);
  if (machine.rootBusHotplug && machine.freeSlot !== undefined) {
    return { at: `PCI slot ${machine.freeSlot}`, properties: { bus: "pci.0", addr: machine.freeSlot.toString(16) } };
  }
  return port === undefined ? undefined : { at: `PCI Express root port ${port}`, properties: { bus: port } };
}

/** Why a machine has no place for a kind and bus, and what would make one. */
export function whyNoPlace(machine: Machine, kind: DeviceKind, bus: DeviceBus): string {
  if (bus === "scsi") return "the machine has no virtio-scsi-pci controller";
  if (bus === "usb") return "the machine has no USB controller";
  if (bus !== "virtio") return `QEMU plugs no ${kind} into ${bus} while the guest runs`;
  if (machine.rootBusHotplug) return "every PCI slot is taken";
  if (machine.rootPorts.length === 0) return `${machine.type} needs a pcie-root-port with an id, and has none`;
  return `every pcie-root-port is taken (${machine.rootPorts.join(", ")})`;
}
