import { looksLikeFat } from "../fat/read/boot-sector.js";
import { type ImageInput, windowInput } from "../input/input.js";
import { latin1, uint16le } from "../input/integers.js";
import type { DetectedImage } from "../open.js";
import { isFatPartition, readPartitions } from "../partition-table.js";

const SECTOR = 2048;

/**
 * What an image that nothing recognises was likely meant to be: its first structure is damaged, others still tell.
 * A raw image has no structure, and its bytes pass for nothing by chance: `CD001` of the second or third volume descriptor, 55 AA
 * together with the type text of a FAT boot sector, or a partition that says FAT or holds one.
 */
export function suspectFormat(input: ImageInput): DetectedImage {
  for (const sector of [16, 17, 18]) {
    const at = sector * SECTOR;
    if (input.size >= at + 6 && latin1(input.read(at + 1, 5), 0, 5) === "CD001") return { kind: "iso9660" };
  }
  if (hasFatTypeText(input)) return { kind: "vfat" };
  const partition = readPartitions(input).find(
    (one) => isFatPartition(one) || looksLikeFat(windowInput(input, one.offset, one.size)),
  );
  return partition === undefined ? { kind: "raw" } : { kind: "vfat-in-partition", partition };
}

function hasFatTypeText(input: ImageInput): boolean {
  if (input.size < 512) return false;
  const bytes = input.read(0, 512);
  const typed = latin1(bytes, 54, 3) === "FAT" || latin1(bytes, 82, 3) === "FAT";
  return typed && uint16le(bytes, 510) === 0xaa55;
}
