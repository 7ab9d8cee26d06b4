import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import type { Choosable } from "../choice.js";
import { wouldBootFirst } from "./boot-order.js";
import type { Slot } from "./device-xml.js";
import type { DomainDescription } from "./domain-xml.js";
import { indexOfLetters, lettersOfIndex } from "./targets.js";

/** A virtio-scsi target has room for more; libvirt's own addresses end here. */
const SCSI_UNITS = 256;
const TARGET_PREFIX: Readonly<Record<string, string>> = { virtio: "vd", scsi: "sd", usb: "sd", sata: "sd", ide: "hd" };

/** The places that a new drive is given: all but those where the next start of the domain would try to boot from it first. */
export function placesToChoose(descriptions: readonly DomainDescription[]): Choosable[] {
  return placesOf(descriptions).filter(({ kind, bus }) => !descriptions.some((it) => wouldBootFirst(it, kind, bus)));
}

/**
 * Every place that a drive can take in all of the given descriptions of one domain. A drive that is to be in the running and
 * in the stored domain gets the same target in both.
 */
export function placesOf(descriptions: readonly DomainDescription[]): Choosable[] {
  const places: Choosable[] = [];
  const scsi = scsiSlot(descriptions);
  if (scsi !== undefined) {
    const at = `virtio-scsi controller ${scsi.controller}, unit ${scsi.unit}`;
    places.push({ kind: "cdrom", bus: "scsi", at }, { kind: "disk", bus: "scsi", at });
  }
  if (descriptions.every((it) => it.freePciPlaces > 0 && hotPlugs(it))) {
    const what = descriptions[0]?.pciRoot === "pci-root" ? "PCI slot" : "PCI Express root port";
    places.push({ kind: "disk", bus: "virtio", at: `a free ${what}` });
  }
  if (descriptions.every((description) => description.usb)) {
    places.push({ kind: "disk", bus: "usb", at: "the USB controller" });
  }
  return places;
}

/** The slot that a drive of a kind and bus gets: the target after the last one of its bus, so that it never boots first. */
export function slotFor(descriptions: readonly DomainDescription[], kind: DeviceKind, bus: DeviceBus): Slot {
  const prefix = TARGET_PREFIX[bus] ?? "sd";
  const targets = descriptions.flatMap(({ disks }) => disks.map(({ target }) => target));
  const last = Math.max(
    -1,
    ...targets.filter((name) => name.startsWith(prefix)).map((name) => indexOfLetters(name.slice(2))),
  );
  const target = prefix + lettersOfIndex(last + 1);
  return { kind, bus, target, scsi: bus === "scsi" ? scsiSlot(descriptions) : undefined };
}

/** Why a domain has no place for a kind and bus, and what would make one. */
export function whyNoPlace(descriptions: readonly DomainDescription[], kind: DeviceKind, bus: DeviceBus): string {
  if (placesOf(descriptions).some((place) => place.kind === kind && place.bus === bus)) {
    return `the domain would boot from a ${kind} on ${bus} first, unless its own devices are given a boot order each`;
  }
  if (bus === "scsi") return "the domain has no virtio-scsi controller";
  if (bus === "usb") return "the domain has no USB controller";
  if (bus !== "virtio") return `libvirt plugs no ${kind} into ${bus} while the guest runs`;
  if (!descriptions.every(hotPlugs)) return "the domain's PCI bus takes nothing while the guest runs without ACPI";
  if (descriptions[0]?.pciRoot === "pci-root") return "every PCI slot is taken";
  return "the domain has no free pcie-root-port";
}

function hotPlugs({ pciRoot, acpi }: DomainDescription): boolean {
  return pciRoot === "pcie-root" || acpi;
}

/** The first controller that every description has, and the lowest unit that is free in all of them. */
function scsiSlot(descriptions: readonly DomainDescription[]): { controller: number; unit: number } | undefined {
  const [first, ...others] = descriptions;
  const shared = first?.scsiControllers.filter((index) => others.every((it) => it.scsiControllers.includes(index)));
  const [controller] = shared ?? [];
  if (controller === undefined) return undefined;
  const taken = new Set(
    descriptions.flatMap(({ disks }) =>
      disks.flatMap(({ bus, scsi }) => (bus === "scsi" && scsi?.controller === controller ? [scsi.unit] : [])),
    ),
  );
  for (let unit = 0; unit < SCSI_UNITS; unit++) if (!taken.has(unit)) return { controller, unit };
  return undefined;
}
