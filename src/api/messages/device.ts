import type { Device } from "#drive/drive.js";
import { Refusal } from "#drive/refusal.js";
import { DeviceBus, DeviceKind, type Device as DeviceMessage } from "#gen/configdrive/v1/drive.js";
import type { DeviceForm } from "#gen/configdrive/v1/drive_service.js";
import { keyOf } from "./key-of.js";

const KINDS: Readonly<Record<Device["kind"], DeviceKind>> = {
  cdrom: DeviceKind.DEVICE_KIND_CDROM,
  disk: DeviceKind.DEVICE_KIND_DISK,
  properties: DeviceKind.DEVICE_KIND_PROPERTIES,
};

const BUSES: Readonly<Record<Device["bus"], DeviceBus>> = {
  virtio: DeviceBus.DEVICE_BUS_VIRTIO,
  scsi: DeviceBus.DEVICE_BUS_SCSI,
  usb: DeviceBus.DEVICE_BUS_USB,
  ide: DeviceBus.DEVICE_BUS_IDE,
  sata: DeviceBus.DEVICE_BUS_SATA,
  guestinfo: DeviceBus.DEVICE_BUS_GUESTINFO,
};

/** A device in the contract's words. */
export function deviceMessage(device: Device): DeviceMessage {
  return { kind: KINDS[device.kind], bus: BUSES[device.bus], name: device.name, reason: device.reason };
}

/** A form of a device in the contract's words. */
export function formMessage({ kind, bus }: Pick<Device, "kind" | "bus">): DeviceForm {
  return { kind: KINDS[kind], bus: BUSES[bus] };
}

/** The kind that was asked for; `undefined` when it was left open. */
export function kindWish(message: DeviceKind): Device["kind"] | undefined {
  return keyOf(KINDS, message);
}

/** The bus that was asked for; `undefined` when it was left open. */
export function busWish(message: DeviceBus): Device["bus"] | undefined {
  return keyOf(BUSES, message);
}

/** A device that its caller has made and tells of. @throws Refusal INVALID_ARGUMENT where it does not say what it is */
export function recordedDevice(message: DeviceMessage | undefined): Device {
  const kind = kindWish(message?.kind ?? DeviceKind.DEVICE_KIND_UNSPECIFIED);
  const bus = busWish(message?.bus ?? DeviceBus.DEVICE_BUS_UNSPECIFIED);
  if (message === undefined || kind === undefined || bus === undefined) {
    const field = kind === undefined ? "device.kind" : "device.bus";
    throw new Refusal("INVALID_ARGUMENT", `${field}: is required`, { violations: [{ field, rule: "is required" }] });
  }
  return { kind, bus, name: message.name, reason: message.reason };
}
