import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { ImageRefusal } from "../../refusal.js";
import { type AllocationTable, followChain } from "./allocation.js";
import { clusterOffset, type FatGeometry } from "./boot-sector.js";
import { END, ENTRY, type FatEntry, parseEntry } from "./directory-entry.js";

/** What finding anything on a FAT volume needs. */
export interface FatVolume {
  readonly input: ImageInput;
  readonly geometry: FatGeometry;
  readonly table: AllocationTable;
  readonly budget: ReadBudget;
}

/**
 * The entries of a directory up to its end mark, free ones included. `cluster` 0 is the root directory.
 * Throws `ImageRefusal` when its chain leaves the volume or has no end.
 */
export function* readEntries(volume: FatVolume, cluster: number): Generator<FatEntry> {
  const { geometry, input } = volume;
  for (const { offset, length } of directoryRanges(volume, cluster)) {
    const bytes = input.read(offset, length);
    for (let at = 0; at + ENTRY <= length; at += ENTRY) {
      volume.budget.spend();
      if (bytes[at] === END) return;
      yield parseEntry(bytes, at, offset + at, geometry.type);
    }
  }
}

/** Where a directory's bytes lie: the fixed root of FAT12 and FAT16, or a chain of clusters. */
function* directoryRanges(volume: FatVolume, cluster: number): Generator<{ offset: number; length: number }> {
  const { geometry, table, budget } = volume;
  const first = cluster === 0 ? geometry.rootCluster : cluster;
  if (first === 0) {
    yield { offset: geometry.rootStart, length: geometry.rootEntries * ENTRY };
    return;
  }
  let count = 0;
  for (const one of followChain(table, geometry, first, geometry.clusters + 1, budget)) {
    if (++count > geometry.clusters) throw new ImageRefusal(`directory at cluster ${first}`, "its chain has no end");
    yield { offset: clusterOffset(geometry, one), length: geometry.clusterSize };
  }
}
