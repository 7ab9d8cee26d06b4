import type { DeviceBus, DeviceKind } from "#drive/drive.js";
import { diskAlias } from "./names.js";
import { escapeXml } from "./xml.js";

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
  /** On the daemon's host. */
  readonly path: string;
  /** It stands in a volume of libvirt's own, not in a file of ours. */
  readonly uploaded: boolean;
}

/** What a guest can read of a virtio disk's serial number; the others take it too. */
const SERIAL_CHARACTERS = 20;

/**
 * The XML of a disk (formatdomain, "Hard drives, floppy disks, CDROMs"). Without a boot order, and read-only. An image of ours is
 * left to its owner: libvirt would otherwise give the file to QEMU's user. A volume is libvirt's own and private until it does.
 */
export function diskXml(slot: Slot, shown: Shown): string {
  const address =
    slot.scsi === undefined
      ? ""
      : `<address type="drive" controller="${slot.scsi.controller}" bus="0" target="0" unit="${slot.scsi.unit}"/>`;
  const owner = shown.uploaded ? "" : '<seclabel model="dac" relabel="no"/>';
  return [
    `<disk type="file" device="${slot.kind}">`,
    `<driver name="qemu" type="raw"/>`,
    `<source file="${escapeXml(shown.path)}">${owner}</source>`,
    `<target dev="${slot.target}" bus="${slot.bus}"/>`,
    "<readonly/>",
    `<serial>${shown.driveId.slice(0, SERIAL_CHARACTERS)}</serial>`,
    `<alias name="${diskAlias(shown.driveId, shown.generation)}"/>`,
    `${address}</disk>`,
  ].join("");
}
