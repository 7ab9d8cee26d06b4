import type { Device, DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";

/** The machines that a drive can be in from the start: i440fx, Q35, and others that have PCI Express. */
export type MachineFamily = "pc" | "q35" | "pcie";

/** What an image gets from the start, best first, each with the reason that is told when it is taken unasked. */
interface Form {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  readonly why: string;
  /** The machines that have it; unset: all, for its controller is added where it is missing. */
  readonly only?: MachineFamily;
}

const CDROM: Form = { kind: "cdrom", bus: "scsi", why: "its medium can be changed while the guest runs" };
const VIRTIO: Form = { kind: "disk", bus: "virtio", why: "every Linux guest can read it" };
const SCSI: Form = { kind: "disk", bus: "scsi", why: "a virtio-scsi controller is on every machine" };
const SATA: Form = { kind: "cdrom", bus: "sata", why: "every guest has a driver for it", only: "q35" };
const IDE: Form = { kind: "cdrom", bus: "ide", why: "every guest has a driver for it", only: "pc" };

const PREFERENCE: Readonly<Record<PlacedImage["format"], readonly Form[]>> = {
  iso9660: [CDROM, VIRTIO, SCSI, SATA, IDE],
  vfat: [VIRTIO, SCSI, CDROM, SATA, IDE],
  raw: [VIRTIO, SCSI, CDROM, SATA, IDE],
};

/** A CD is read in sectors of 2048 bytes; what is left over at its end is lost to the guest. */
const CD_SECTOR_BYTES = 2048;

/**
 * The device that a drive has from the first boot on, under a name of the backend's: on a machine that does not run yet there is room
 * for more than can be plugged in later. Refuses with BUS_NOT_AVAILABLE, saying what would work.
 */
export function chooseAtStart(
  family: MachineFamily,
  image: Pick<PlacedImage, "format" | "sizeBytes">,
  wish: DeviceWish,
  name: string,
): Device {
  const fits = (form: Form) =>
    (form.only ?? family) === family && (form.kind === "disk" || image.sizeBytes % CD_SECTOR_BYTES === 0);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const possible = PREFERENCE[image.format].filter(fits);
  const chosen = possible.find(({ kind, bus }) => (wish.kind ?? kind) === kind && (wish.bus ?? bus) === bus);
  if (chosen !== undefined) {
    const { kind, bus, why } = chosen;
    const reason = asked
      ? `${wish.why ?? "asked for"}; from the start`
      : `${image.format} image: ${why}; from the start`;
    return { kind, bus, name, reason };
  }
  const works = possible.map(({ kind, bus }) => `${kind} on ${bus}`).join(", ");
  const what = `${wish.kind ?? "device"} on ${wish.bus ?? "any bus"}`;
  const cut = image.sizeBytes % CD_SECTOR_BYTES === 0 ? "" : `; no CD shows ${image.sizeBytes} bytes whole`;
  throw new Refusal(
    "BUS_NOT_AVAILABLE",
    `a ${family} machine has no ${what} for this image${cut}; would work: ${works}`,
    {
      violations: [{ field: wish.bus === undefined ? "kind" : "bus", rule: `one of: ${works}` }],
    },
  );
}
