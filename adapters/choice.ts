import type { Device, DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";

/** Somewhere on a machine that a drive can be plugged into. */
export interface Choosable {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  /** What the place is, for people. */
  readonly at: string;
}

/** What is known of the machine that a choice is made for. */
export interface ChoiceOn {
  readonly instanceId: string;
  /** The backend, as metadata has it and as people call it. */
  readonly hypervisor: string;
  readonly title: string;
  readonly places: readonly Choosable[];
  /** Why there is no place for a kind and bus, and what would make one. */
  whyNoPlace(kind: DeviceKind, bus: DeviceBus): string;
}

type Form = readonly [DeviceKind, DeviceBus, string];

const CDROM: Form = ["cdrom", "scsi", "it can be changed while the guest runs"];
const VIRTIO: Form = ["disk", "virtio", "every Linux guest can read it"];
const SCSI: Form = ["disk", "scsi", "there is no place for a virtio disk"];
const VIRTIO_NOT_CDROM: Form = ["disk", "virtio", "there is no place for a cdrom"];
const USB: Form = ["disk", "usb", "there is no place for a cdrom or a virtio disk"];

/** What is tried for an image, best first, each with the reason that is told when it is taken unasked. */
const PREFERENCE: Readonly<Record<PlacedImage["format"], readonly Form[]>> = {
  iso9660: [CDROM, VIRTIO_NOT_CDROM, USB],
  vfat: [VIRTIO, SCSI, USB, CDROM],
  raw: [VIRTIO, SCSI, USB],
};

/** Every form of a device that QEMU plugs in while a guest runs, by itself or under libvirt. */
export const DEVICES: readonly DeviceForm[] = [CDROM, VIRTIO, SCSI, USB].map(([kind, bus]) => ({ kind, bus }));

/** A CD is read in sectors of 2048 bytes; what is left over at its end is lost to the guest. */
const CD_SECTOR_BYTES = 2048;

/** The device that an image gets, under a name of the backend's. Refuses with BUS_NOT_AVAILABLE, saying what would work. */
export function chooseDevice(on: ChoiceOn, image: PlacedImage, wish: DeviceWish, name: string): Device {
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const forms = candidates(image, wish);
  for (const [kind, bus, why] of forms) {
    const place = on.places.find((candidate) => candidate.kind === kind && candidate.bus === bus);
    if (place === undefined) continue;
    const reason = asked ? `${wish.why ?? "asked for"}; ${place.at}` : `${image.format} image: ${why}; ${place.at}`;
    return { kind, bus, name, reason };
  }
  const lacks = forms.length > 0 ? forms.map(([kind, bus]) => on.whyNoPlace(kind, bus)) : [noForm(on, image, wish)];
  throw noPlace(on, lacks, image);
}

/** The form that an image gets where there is a place for it; unset where none fits. */
export function firstChoice(image: PlacedImage, wish: DeviceWish): DeviceForm | undefined {
  const [first] = candidates(image, wish);
  return first === undefined ? undefined : { kind: first[0], bus: first[1] };
}

/** The refusal of a machine that lacks every place that would do. */
export function noPlace(on: ChoiceOn, lacks: readonly string[], image: PlacedImage): Refusal {
  const works = on.places
    .filter(({ kind }) => kind === "disk" || fitsCd(image))
    .map(({ kind, bus, at }) => `${kind} on ${bus} (${at})`);
  const instead =
    works.length === 0 ? `nothing that ${on.title} can plug in now would work` : `would work: ${works.join(", ")}`;
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${on.instanceId}: ${[...new Set(lacks)].join("; ")}; ${instead}`, {
    metadata: { hypervisor: on.hypervisor, instance_id: on.instanceId },
  });
}

/** The forms that fit image and wish, best first. A raw image is shown as a CD only when asked for, and only whole. */
function candidates(image: PlacedImage, wish: DeviceWish): readonly Form[] {
  const fits = ([kind, bus]: Form) => (wish.kind ?? kind) === kind && (wish.bus ?? bus) === bus;
  const preferred = PREFERENCE[image.format].filter(fits);
  if (preferred.length > 0) return preferred;
  return [CDROM, VIRTIO, SCSI, USB].filter(fits).filter(([kind]) => kind === "disk" || fitsCd(image));
}

/** Why no form at all fits image and wish. */
function noForm(on: ChoiceOn, image: PlacedImage, wish: DeviceWish): string {
  if (wish.bus === "ide" || wish.bus === "sata")
    return `${on.title} plugs nothing into ${wish.bus} while the guest runs`;
  if (wish.kind === "cdrom" && !fitsCd(image)) {
    return `a cdrom shows whole sectors of ${CD_SECTOR_BYTES} bytes only, the image has ${image.sizeBytes} bytes`;
  }
  return `there is no ${wish.kind ?? "device"} on ${wish.bus ?? "any bus"}`;
}

function fitsCd(image: PlacedImage): boolean {
  return image.sizeBytes % CD_SECTOR_BYTES === 0;
}
