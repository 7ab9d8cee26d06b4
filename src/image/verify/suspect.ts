import { looksLikeFat } from "../fat/read/boot-sector.js";
import { type ImageInput, windowInput } from "../input/input.js";
import { latin1, uint16le } from "../input/integers.js";
import { isFatPartitionType, readPartitions } from "../partition-table.js";

const SECTOR = 2048;
/** Where tools of today and of DOS begin the first partition. */
const USUAL_STARTS = [1024 * 1024, 63 * 512];
/** The one partition of a master boot record that stands before a GUID partition table. */
const PROTECTIVE = 0xee;

/** What an image was likely meant to be; `offset` is where its FAT volume begins. */
export type SuspectedImage =
  | { readonly kind: "iso9660" | "vfat" | "raw" }
  | { readonly kind: "vfat-in-partition"; readonly offset: number; readonly size: number };

/**
 * What an image that nothing recognises was likely meant to be: its first structure is damaged, others still tell.
 * A raw image has no structure, and its bytes pass for nothing by chance: `CD001` of the second or third volume descriptor, 55 AA
 * together with the type text of a FAT boot sector, a partition that says FAT, or a FAT volume where a first partition begins.
 */
export function suspectFormat(input: ImageInput): SuspectedImage {
  for (const sector of [16, 17, 18]) {
    const at = sector * SECTOR;
    if (input.size >= at + 6 && latin1(input.read(at + 1, 5), 0, 5) === "CD001") return { kind: "iso9660" };
  }
  if (input.size < 512) return { kind: "raw" };
  if (hasFatTypeText(input.read(0, 512))) return { kind: "vfat" };
  const partitions = readPartitions(input);
  if (partitions.some(({ type }) => type === PROTECTIVE)) return { kind: "raw" };
  const stated = partitions.find(({ type }) => isFatPartitionType(type));
  if (stated !== undefined) return { kind: "vfat-in-partition", offset: stated.offset, size: stated.size };
  const start = USUAL_STARTS.find((offset) => isFatAt(input, offset));
  return start === undefined ? { kind: "raw" } : { kind: "vfat-in-partition", offset: start, size: input.size - start };
}

function hasFatTypeText(bytes: Uint8Array): boolean {
  const typed = latin1(bytes, 54, 3) === "FAT" || latin1(bytes, 82, 3) === "FAT";
  return typed && uint16le(bytes, 510) === 0xaa55;
}

function isFatAt(input: ImageInput, offset: number): boolean {
  if (offset + 512 > input.size) return false;
  const volume = windowInput(input, offset, input.size - offset);
  return looksLikeFat(volume) && hasFatTypeText(volume.read(0, 512));
}
