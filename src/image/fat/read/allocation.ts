import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { uint16le, uint32le } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";
import type { FatGeometry } from "./boot-sector.js";

/** What a FAT entry says (FAT specification, "FAT"): free, the next cluster, bad, or end of chain from `endOfChain` on. */
export interface AllocationTable {
  /** Bytes of the table as they stand. */
  readonly bytes: Uint8Array;
  /** The entry of a cluster; 28 bits for FAT32. */
  entry(cluster: number): number;
  /** The lowest value that ends a chain: FF8, FFF8 or 0FFFFFF8. */
  readonly endOfChain: number;
  /** Marks a bad cluster. */
  readonly bad: number;
}

/** Reads one copy of the FAT, numbered from 0. Throws `ImageRefusal` when it lies outside the image or is more than the budget holds. */
export function readTable(input: ImageInput, geometry: FatGeometry, copy: number, budget: ReadBudget): AllocationTable {
  const { type, fatSectors, sectorSize, fatStart, clusters } = geometry;
  const size = fatSectors * sectorSize;
  const needed = Math.ceil(((clusters + 2) * type) / 8);
  if (needed > size)
    throw new ImageRefusal("boot sector", `a FAT of ${clusters} clusters has at least ${needed} bytes`, size);
  budget.hold(size, "FAT");
  const bytes = input.read(fatStart + copy * size, size);
  const endOfChain = type === 12 ? 0xff8 : type === 16 ? 0xfff8 : 0x0ffffff8;
  return { bytes, entry: reader(bytes, type), endOfChain, bad: endOfChain - 1 };
}

function reader(bytes: Uint8Array, type: 12 | 16 | 32): (cluster: number) => number {
  switch (type) {
    case 12:
      return (cluster) => {
        const pair = uint16le(bytes, cluster + (cluster >> 1));
        return (cluster & 1) === 0 ? pair & 0xfff : pair >> 4;
      };
    case 16:
      return (cluster) => uint16le(bytes, cluster * 2);
    case 32:
      return (cluster) => uint32le(bytes, cluster * 4) & 0x0fffffff;
  }
}

/**
 * The clusters of a chain, at most `most` of them: a chain that is longer than what it holds needs no end to be read.
 * Throws `ImageRefusal` when it leads to a cluster that the volume has not.
 */
export function* followChain(
  table: AllocationTable,
  geometry: FatGeometry,
  first: number,
  most: number,
  budget: ReadBudget,
): Generator<number> {
  let cluster = first;
  for (let count = 0; count < most && cluster < table.endOfChain; count++) {
    budget.spend();
    if (cluster < 2 || cluster >= geometry.clusters + 2) {
      throw new ImageRefusal("FAT", `a chain leads through clusters 2 to ${geometry.clusters + 1}`, cluster);
    }
    yield cluster;
    cluster = table.entry(cluster);
  }
}
