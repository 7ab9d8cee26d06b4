import type { LayoutName } from "./layouts.js";
import { LayoutRefusal } from "./refusal.js";

/** Which family of readers runs in the guest. */
export type GuestProfile = "linux" | "windows" | "minimal";

/** The file system and the device that suit a guest, and why. */
export interface GuestDefaults {
  readonly format: "iso9660" | "vfat";
  readonly kind: "cdrom" | "disk";
  readonly reason: string;
  /** The largest image, in bytes, that these readers take whole; unset where they set no limit. */
  readonly maxImageBytes?: number;
}

/**
 * Talos, and cloudbase-init on a raw disk, read 16 bits of an ISO 9660 volume's size in sectors of 2048 bytes
 * (go-blockdevice, blkid/internal/filesystems/iso9660; cloudbaseinit/metadata/services/osconfigdrive/windows.py).
 */
const SIXTEEN_BITS_OF_SECTORS = 0xffff * 2048;

const CDROM_ONLY = "an OVF environment is looked for on CD-ROMs only (cloud-init, DataSourceOVF.py)";

const DEFAULTS: Readonly<Record<GuestProfile, GuestDefaults>> = {
  linux: {
    format: "iso9660",
    kind: "disk",
    reason: "cloud-init finds the label on any block device, and a virtio disk can be plugged into every machine type",
  },
  windows: {
    format: "iso9660",
    kind: "cdrom",
    reason:
      "cloudbase-init reads a CD-ROM through its drive letter; on a raw disk it takes no label and cuts images of 128 MiB and more",
  },
  minimal: {
    format: "iso9660",
    kind: "disk",
    reason: "Talos and Afterburn know iso9660 only, and find it by its label on a whole disk",
  },
};

/**
 * What suits a guest for a layout. What the caller asks for is kept where the layout's readers can take it.
 * Throws `LayoutRefusal` for a format or device on which no reader of the layout would find the drive.
 */
export function guestDefaults(
  profile: GuestProfile,
  layout: LayoutName,
  asked: Partial<Pick<GuestDefaults, "format" | "kind">> = {},
): GuestDefaults {
  const defaults =
    layout === "ovf" ? { format: "iso9660" as const, kind: "cdrom" as const, reason: CDROM_ONLY } : DEFAULTS[profile];
  const chosen = { ...defaults, ...asked };
  const violations = [];
  if (layout === "ovf" && chosen.format !== "iso9660") {
    violations.push({
      path: "format",
      rule: "must be iso9660: the OVF transport is an ISO 9660 image (DSP0243, 11.2)",
    });
  }
  if (layout === "ovf" && chosen.kind !== "cdrom")
    violations.push({ path: "kind", rule: `must be cdrom: ${CDROM_ONLY}` });
  if (profile === "minimal" && chosen.format === "vfat") {
    violations.push({ path: "format", rule: "must be iso9660: Talos and Afterburn do not read vfat drives" });
  }
  if (violations.length > 0) throw new LayoutRefusal(violations);
  const isCut =
    chosen.format === "iso9660" && (profile === "minimal" || (profile === "windows" && chosen.kind === "disk"));
  const limit = isCut ? { maxImageBytes: SIXTEEN_BITS_OF_SECTORS } : {};
  if (asked.format === undefined && asked.kind === undefined) return { ...chosen, ...limit };
  return { ...chosen, ...limit, reason: `as asked; else: ${defaults.reason}` };
}
