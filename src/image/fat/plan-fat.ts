import { hierarchyOf } from "../hierarchy.js";
import type { ImagePlan } from "../plan.js";
import { ImageRefusal } from "../refusal.js";
import type { FileTree } from "../tree.js";
import { refuseModesAndOwners } from "./attributes.js";
import { contentsOf, demandOf, type FatContents } from "./contents.js";
import { fatDateOf } from "./date.js";
import { planFatDirectory } from "./directory-plan.js";
import { FAT_SECTOR, type FatLayout, fittingLayout, layoutOfSize } from "./geometry.js";
import { checkFatLabel } from "./label.js";
import { PARTITION_START } from "./master-boot-record.js";
import { volumeExtents } from "./volume-extents.js";

/** What an image is made of beside its tree; nothing else has a say in its bytes. */
export interface FatOptions {
  /** At most 11 characters, letter case kept, in the root directory and the boot sector. */
  readonly label: string;
  /** Date of the label and of entries that have none, from 1980 to 2107; written as UTC. */
  readonly time: Date;
  /** 32 bits: the volume's serial number, which blkid shows as its UUID; the disk's signature too where partitioned. */
  readonly serial: number;
  /** Bytes of the whole image, a multiple of 512. Default: as small as it can be. */
  readonly sizeBytes?: number;
  /** Default false. The volume stands in the one partition of a master boot record, as Windows wants it of a disk. */
  readonly partitioned?: boolean;
}

export interface FatPlan extends ImagePlan {
  readonly format: "vfat";
  readonly variant: "FAT12" | "FAT16" | "FAT32";
}

/**
 * Lays out a FAT volume with long names, clusters in one piece, the FAT type by its number of clusters. No file data is
 * copied; what is free stays a hole.
 * @throws ImageRefusal for what the format or one of its readers cannot hold
 */
export function planFat(tree: FileTree, options: FatOptions): FatPlan {
  const label = checkFatLabel(options.label);
  const { serial } = options;
  if (!Number.isInteger(serial) || serial < 0 || serial > 0xffff_ffff) {
    throw new ImageRefusal("serial", "must be a whole number of 32 bits (FAT, BS_VolID)", serial);
  }
  fatDateOf(options.time.getTime(), "time");
  refuseModesAndOwners(tree);
  const root = planFatDirectory(hierarchyOf(tree, options.time.getTime()), true);
  const contents = contentsOf(root);
  const start = options.partitioned === true ? PARTITION_START : 0;
  const layout = layoutFor(contents, options.sizeBytes, start);
  return {
    format: "vfat",
    variant: `FAT${layout.type}`,
    size: (start + layout.totalSectors) * FAT_SECTOR,
    label,
    extents: volumeExtents(contents, layout, { label, serial, hiddenSectors: start }),
  };
}

function layoutFor(contents: FatContents, sizeBytes: number | undefined, start: number): FatLayout {
  const demand = demandOf(contents);
  if (sizeBytes === undefined) return fittingLayout(demand);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes % FAT_SECTOR !== 0) {
    throw new ImageRefusal("sizeBytes", `must be a multiple of ${FAT_SECTOR}`, sizeBytes);
  }
  return layoutOfSize(sizeBytes / FAT_SECTOR - start, demand);
}
