import type { Device, DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Observation, PlacedImage } from "#drive/hypervisor.js";
import * as messages from "#gen/configdrive/adapter/v1/adapter.js";

/** An adapter's answer that breaks a rule of the protocol (proto/configdrive/adapter/v1). */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

const { DeviceBus: Bus, DeviceKind: Kind, ImageFormat: Format } = messages;

const KINDS: Readonly<Record<DeviceKind, messages.DeviceKind>> = {
  cdrom: Kind.DEVICE_KIND_CDROM,
  disk: Kind.DEVICE_KIND_DISK,
  properties: Kind.DEVICE_KIND_PROPERTIES,
};

const BUSES: Readonly<Record<DeviceBus, messages.DeviceBus>> = {
  virtio: Bus.DEVICE_BUS_VIRTIO,
  scsi: Bus.DEVICE_BUS_SCSI,
  usb: Bus.DEVICE_BUS_USB,
  ide: Bus.DEVICE_BUS_IDE,
  sata: Bus.DEVICE_BUS_SATA,
  guestinfo: Bus.DEVICE_BUS_GUESTINFO,
};

const FORMATS: Readonly<Record<PlacedImage["format"], messages.ImageFormat>> = {
  iso9660: Format.IMAGE_FORMAT_ISO9660,
  vfat: Format.IMAGE_FORMAT_VFAT,
  raw: Format.IMAGE_FORMAT_RAW,
};

const DRIVE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME_CHARACTERS = 255;
const REASON_CHARACTERS = 1024;

/** An image as it is told to an adapter. */
export function imageMessage({ driveId, generation, path, sizeBytes, format }: PlacedImage): messages.Image {
  return { driveId, generation, path, sizeBytes: BigInt(sizeBytes), format: FORMATS[format] };
}

/** A wish as it is told to an adapter: what is left open is unspecified. */
export function wishMessage({ kind, bus }: DeviceWish): messages.DeviceForm {
  return {
    kind: kind === undefined ? Kind.DEVICE_KIND_UNSPECIFIED : KINDS[kind],
    bus: bus === undefined ? Bus.DEVICE_BUS_UNSPECIFIED : BUSES[bus],
  };
}

/** A device as it is told to an adapter. */
export function deviceMessage({ kind, bus, name, reason }: Device): messages.Device {
  return { form: wishMessage({ kind, bus }), name, reason };
}

/** A device that an adapter chose. @throws AnswerError unless it is whole and what was wished for */
export function deviceOf(message: messages.Device | undefined, wish: DeviceWish): Device {
  const form = message?.form === undefined ? undefined : knownForm(message.form);
  if (message === undefined || form === undefined) throw new AnswerError("device.form: kind and bus must be said");
  if ((wish.kind ?? form.kind) !== form.kind || (wish.bus ?? form.bus) !== form.bus) {
    throw new AnswerError(
      `device.form: ${wish.kind ?? "any device"} on ${wish.bus ?? "any bus"} was asked for, not ${form.kind} on ${form.bus}`,
    );
  }
  return {
    ...form,
    name: checkedText("device.name", message.name, NAME_CHARACTERS),
    reason: checkedText("device.reason", message.reason, REASON_CHARACTERS),
  };
}

/** What an adapter can plug in; forms that this version does not know are passed over. */
export function formsOf({ devices }: messages.DescribeAdapterResponse): readonly DeviceForm[] {
  return devices.flatMap((device) => knownForm(device) ?? []);
}

function knownForm(message: messages.DeviceForm): DeviceForm | undefined {
  const [kind, bus] = [keyOf(KINDS, message.kind), keyOf(BUSES, message.bus)];
  return kind === undefined || bus === undefined ? undefined : { kind, bus };
}

/** What an instance was seen to have. @throws AnswerError for a drive that is not named by its id, or named twice */
export function observationsOf(message: messages.ObserveInstanceResponse): readonly Observation[] | undefined {
  if (!message.present) return undefined;
  const seen = new Set<string>();
  return message.drives.map(({ driveId, generation, deviceName }, index) => {
    const field = `drives[${index}]`;
    if (!DRIVE_ID.test(driveId)) throw new AnswerError(`${field}.drive_id: must be a UUID in lower case`);
    if (seen.has(driveId)) throw new AnswerError(`${field}.drive_id: ${driveId} was told of already`);
    seen.add(driveId);
    return { driveId, generation, deviceName: checkedText(`${field}.device_name`, deviceName, NAME_CHARACTERS) };
  });
}

function checkedText(field: string, text: string, most: number): string {
  if (text.length === 0) throw new AnswerError(`${field}: must not be empty`);
  if (text.length > most) throw new AnswerError(`${field}: has ${text.length} characters, at most ${most} are taken`);
  return text;
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K | undefined {
  for (const key in table) if (table[key] === value) return key;
  return undefined;
}
