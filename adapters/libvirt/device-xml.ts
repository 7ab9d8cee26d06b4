import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import { diskAlias } from "./names.js";

/** Where a disk is to be. */
export interface Slot {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  readonly target: string;
  readonly scsi: { readonly controller: number; readonly unit: number } | undefined;
}

/** What a disk is to show. */
export interface Shown {
  readonly driveId: string;
  readonly generation: number;
  readonly path: string;
}

/** What a guest can read of a virtio disk's serial number; the others take it too. */
const SERIAL_CHARACTERS = 20;

/**
 * The XML of a disk (formatdomain, "Hard drives, floppy disks, CDROMs"). Without a boot order, read-only, and with the image
 * left to its owner: libvirt would otherwise give the file to its own user.
 */
export function diskXml(slot: Slot, shown: Shown): string {
  const address =
    slot.scsi === undefined
      ? ""
      : `<address type="drive" controller="${slot.scsi.controller}" bus="0" target="0" unit="${slot.scsi.unit}"/>`;
  return [
    `<disk type="file" device="${slot.kind}">`,
    `<driver name="qemu" type="raw"/>`,
    `<source file="${escapeXml(shown.path)}"><seclabel model="dac" relabel="no"/></source>`,
    `<target dev="${slot.target}" bus="${slot.bus}"/>`,
    "<readonly/>",
    `<serial>${shown.driveId.slice(0, SERIAL_CHARACTERS)}</serial>`,
    `<alias name="${diskAlias(shown.driveId, shown.generation)}"/>`,
    `${address}</disk>`,
  ].join("");
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
