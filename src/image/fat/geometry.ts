import { ImageRefusal } from "../refusal.js";
import { FAT16_FROM, FAT32_FROM } from "./read/boot-sector.js";

/** Bytes of a sector; FAT could have others, but readers and BIOSes agree on this one alone. */
export const FAT_SECTOR = 512;
/** Two copies of the FAT, as every formatter makes them. */
export const FAT_COUNT = 2;
/** Some readers get the border between the FAT types wrong by a few clusters (FAT specification, "FAT Type Determination"). */
const BORDER_MARGIN = 16;
/** Entries of the root directory of FAT12 and FAT16, unless more are needed. */
const ROOT_ENTRIES = 512;
const ENTRIES_PER_SECTOR = FAT_SECTOR / 32;
/** BPB_RootEntCnt has 16 bits; whole sectors. */
const MAX_ROOT_ENTRIES = 0xfff0;
/** BPB_TotSec32. */
const MAX_SECTORS = 0xffff_ffff;
/** An image of whole 4 KiB blocks, where no size is asked for. */
const SIZE_STEP = 4096 / FAT_SECTOR;

export type FatType = 12 | 16 | 32;

/** Where the regions of a FAT volume lie, in sectors. */
export interface FatLayout {
  readonly type: FatType;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly fatSectors: number;
  /** 0 for FAT32, whose root directory is a chain of clusters. */
  readonly rootEntries: number;
  readonly totalSectors: number;
  readonly dataSector: number;
  readonly clusters: number;
}

/** What a volume has to hold. */
export interface FatDemand {
  /** 32-byte entries of the root directory. */
  readonly rootEntries: number;
  /** Clusters of that many bytes for everything; with the root directory's own for FAT32. */
  clusters(clusterBytes: number, type: FatType): number;
}

type Candidate = readonly [type: FatType, sectorsPerCluster: number];

/** In the order in which a volume that may be as small as it can be tries them. */
const SMALLEST_FIRST: readonly Candidate[] = [
  ...[1, 2, 4, 8].map((sectors): Candidate => [12, sectors]),
  ...[4, 8, 16, 32, 64].map((sectors): Candidate => [16, sectors]),
  ...[8, 16, 32, 64].map((sectors): Candidate => [32, sectors]),
];

/** The smallest layout that holds the demand. */
export function fittingLayout(demand: FatDemand): FatLayout {
  for (const [type, sectorsPerCluster] of SMALLEST_FIRST) {
    // A volume has one cluster at least.
    const needed = Math.max(1, demand.clusters(sectorsPerCluster * FAT_SECTOR, type));
    if (!inRange(type, needed)) continue;
    const total =
      SIZE_STEP * Math.ceil(minimalSectors(type, sectorsPerCluster, needed, demand.rootEntries) / SIZE_STEP);
    for (let sectors = total; sectors <= MAX_SECTORS; sectors += SIZE_STEP) {
      const layout = layoutOf(type, sectorsPerCluster, sectors, demand.rootEntries);
      if (layout === undefined) break;
      if (layout.clusters >= needed) return layout;
    }
  }
  throw new ImageRefusal("tree", "must fit a FAT volume of 2 TiB (BPB_TotSec32)");
}

/** The layout of a volume of that many sectors; of several that are possible, the one that formatters choose. */
export function layoutOfSize(sectors: number, demand: FatDemand): FatLayout {
  if (sectors > MAX_SECTORS) {
    throw new ImageRefusal("sizeBytes", "must be less than 2 TiB (BPB_TotSec32)", sectors * FAT_SECTOR);
  }
  for (const [type, sectorsPerCluster] of candidatesForSize(sectors)) {
    const layout = layoutOf(type, sectorsPerCluster, sectors, demand.rootEntries);
    if (layout === undefined) continue;
    if (layout.clusters >= demand.clusters(sectorsPerCluster * FAT_SECTOR, type)) return layout;
  }
  const least = fittingLayout(demand).totalSectors * FAT_SECTOR;
  throw new ImageRefusal("sizeBytes", `the volume needs about ${least} bytes`, sectors * FAT_SECTOR);
}

/** The tables of the FAT specification ("FAT Volume Initialization"), and what else could hold a full volume. */
function candidatesForSize(sectors: number): Candidate[] {
  const mebibytes = (sectors * FAT_SECTOR) / 1024 ** 2;
  const preferred: Candidate =
    mebibytes < 4.1
      ? [12, 1]
      : mebibytes <= 16
        ? [16, 2]
        : mebibytes <= 128
          ? [16, 4]
          : mebibytes <= 256
            ? [16, 8]
            : mebibytes <= 512
              ? [16, 16]
              : mebibytes <= 8192
                ? [32, 8]
                : mebibytes <= 16384
                  ? [32, 16]
                  : mebibytes <= 32768
                    ? [32, 32]
                    : [32, 64];
  return [preferred, ...SMALLEST_FIRST];
}

/** `undefined` where the clusters would be too few or too many for the type. */
function layoutOf(
  type: FatType,
  sectorsPerCluster: number,
  totalSectors: number,
  neededRootEntries: number,
): FatLayout | undefined {
  const reservedSectors = reservedSectorsOf(type);
  const rootEntries = rootEntriesOf(type, neededRootEntries);
  const fixed = reservedSectors + rootEntries / ENTRIES_PER_SECTOR;
  const clustersBeside = (fatSectors: number): number =>
    Math.floor((totalSectors - fixed - FAT_COUNT * fatSectors) / sectorsPerCluster);
  let fatSectors = fatSectorsFor(type, clustersBeside(0));
  while (fatSectors > 1 && fatSectorsFor(type, clustersBeside(fatSectors - 1)) <= fatSectors - 1) fatSectors--;
  const clusters = clustersBeside(fatSectors);
  if (!inRange(type, clusters)) return undefined;
  const dataSector = fixed + FAT_COUNT * fatSectors;
  return { type, sectorsPerCluster, reservedSectors, fatSectors, rootEntries, totalSectors, dataSector, clusters };
}

function minimalSectors(type: FatType, sectorsPerCluster: number, clusters: number, rootEntries: number): number {
  const root = rootEntriesOf(type, rootEntries) / ENTRIES_PER_SECTOR;
  return reservedSectorsOf(type) + root + FAT_COUNT * fatSectorsFor(type, clusters) + clusters * sectorsPerCluster;
}

/** The boot sector; for FAT32 also FSInfo and the copies of both, in the usual 32 (FAT specification, BPB_RsvdSecCnt). */
function reservedSectorsOf(type: FatType): number {
  return type === 32 ? 32 : 1;
}

function rootEntriesOf(type: FatType, needed: number): number {
  if (type === 32) return 0;
  if (needed > MAX_ROOT_ENTRIES) {
    throw new ImageRefusal("tree", `must have at most ${MAX_ROOT_ENTRIES} entries in the root directory`, needed);
  }
  return Math.max(ROOT_ENTRIES, Math.ceil(needed / ENTRIES_PER_SECTOR) * ENTRIES_PER_SECTOR);
}

/** Entries 0 and 1 of the FAT stand for no cluster. */
function fatSectorsFor(type: FatType, clusters: number): number {
  return Math.ceil(((Math.max(clusters, 0) + 2) * type) / 8 / FAT_SECTOR);
}

function inRange(type: FatType, clusters: number): boolean {
  if (type === 12) return clusters >= 1 && clusters < FAT16_FROM - BORDER_MARGIN;
  if (type === 16) return clusters >= FAT16_FROM + BORDER_MARGIN && clusters < FAT32_FROM - BORDER_MARGIN;
  return clusters >= FAT32_FROM + BORDER_MARGIN && clusters < 0x0fff_fff0;
}
