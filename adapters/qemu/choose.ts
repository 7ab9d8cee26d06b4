import type { Device, DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { type Machine, readMachine } from "./machine.js";
import { deviceId } from "./names.js";
import { type Place, placesOf, whyNoPlace } from "./place.js";
import type { Session } from "./session.js";

type Form = readonly [DeviceKind, DeviceBus, string];

const CDROM: Form = ["cdrom", "scsi", "its medium can be changed while the guest runs"];
const VIRTIO: Form = ["disk", "virtio", "every Linux guest can read it"];
const SCSI: Form = ["disk", "scsi", "there is no free PCI slot for a virtio disk"];
const VIRTIO_NOT_CDROM: Form = ["disk", "virtio", "there is no virtio-scsi controller for a cdrom"];
const USB: Form = ["disk", "usb", "there is neither a virtio-scsi controller nor a free PCI slot"];

/** What is tried for an image, best first, each with the reason that is told when it is taken unasked. */
const PREFERENCE: Readonly<Record<PlacedImage["format"], readonly Form[]>> = {
  iso9660: [CDROM, VIRTIO_NOT_CDROM, USB],
  vfat: [VIRTIO, SCSI, USB, CDROM],
  raw: [VIRTIO, SCSI, USB],
};

/** Every form of a device that QEMU plugs in while a guest runs. */
export const DEVICES: readonly DeviceForm[] = [CDROM, VIRTIO, SCSI, USB].map(([kind, bus]) => ({ kind, bus }));

/** A CD is read in sectors of 2048 bytes; what is left over at its end is lost to the guest. */
const CD_SECTOR_BYTES = 2048;

/** Chooses a device for an image. Refuses with BUS_NOT_AVAILABLE, saying what the machine lacks and what would work. */
export async function choose(session: Session, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const machine = await readMachine(session);
  return chooseOn(machine, image, wish, session.instanceId);
}

/** The choice itself, on what is known of a machine. */
export function chooseOn(machine: Machine, image: PlacedImage, wish: DeviceWish, instanceId: string): Device {
  const places = placesOf(machine);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const forms = candidates(image, wish);
  for (const [kind, bus, why] of forms) {
    const place = find(places, kind, bus);
    if (place === undefined) continue;
    const reason = asked ? `asked for; ${place.at}` : `${image.format} image: ${why}; ${place.at}`;
    return { kind, bus, name: deviceId(image.driveId), reason };
  }
  const lacks = forms.length > 0 ? forms.map(([kind, bus]) => whyNoPlace(machine, kind, bus)) : [noForm(image, wish)];
  throw noPlace(instanceId, lacks, places, image);
}

/** The place on the machine where a device that was chosen earlier can be plugged in now. */
export async function placeFor(session: Session, device: Device, image: PlacedImage): Promise<Place> {
  const machine = await readMachine(session);
  const places = placesOf(machine);
  const place = find(places, device.kind, device.bus);
  if (place !== undefined) return place;
  throw noPlace(session.instanceId, [whyNoPlace(machine, device.kind, device.bus)], places, image);
}

function find(places: readonly Place[], kind: DeviceKind, bus: DeviceBus): Place | undefined {
  return places.find((place) => place.kind === kind && place.bus === bus);
}

/** The forms that fit image and wish, best first. A raw image is shown as a CD only when asked for, and only whole. */
function candidates(image: PlacedImage, wish: DeviceWish): readonly Form[] {
  const fits = ([kind, bus]: Form) => (wish.kind ?? kind) === kind && (wish.bus ?? bus) === bus;
  const preferred = PREFERENCE[image.format].filter(fits);
  if (preferred.length > 0) return preferred;
  return [CDROM, VIRTIO, SCSI, USB].filter(fits).filter(([kind]) => kind === "disk" || fitsCd(image));
}

/** Why no form at all fits image and wish. */
function noForm(image: PlacedImage, wish: DeviceWish): string {
  if (wish.bus === "ide" || wish.bus === "sata") return `QEMU plugs nothing into ${wish.bus} while the guest runs`;
  if (wish.kind === "cdrom" && !fitsCd(image)) {
    return `a cdrom shows whole sectors of ${CD_SECTOR_BYTES} bytes only, the image has ${image.sizeBytes} bytes`;
  }
  return `there is no ${wish.kind ?? "device"} on ${wish.bus ?? "any bus"}`;
}

function fitsCd(image: PlacedImage): boolean {
  return image.sizeBytes % CD_SECTOR_BYTES === 0;
}

function noPlace(instanceId: string, lacks: readonly string[], places: readonly Place[], image: PlacedImage): Refusal {
  const works = places
    .filter(({ kind }) => kind === "disk" || fitsCd(image))
    .map(({ kind, bus, at }) => `${kind} on ${bus} (${at})`);
  const instead =
    works.length === 0 ? "nothing that QEMU can plug in now would work" : `would work: ${works.join(", ")}`;
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId}: ${[...new Set(lacks)].join("; ")}; ${instead}`, {
    metadata: { hypervisor: "qemu", instance_id: instanceId },
  });
}
