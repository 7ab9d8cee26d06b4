import type { Extent } from "../plan.js";
import { fromBytes } from "../tree.js";
import { allocationTable, FIRST_CLUSTER } from "./allocation.js";
import { BACKUP_BOOT_SECTOR, type BootIdentity, INFORMATION_SECTOR, putBootSector } from "./boot-sector.js";
import { directoryClusters, type FatContents, fileClusters } from "./contents.js";
import { putDirectory, putRootDirectory } from "./directory-data.js";
import { FAT_SECTOR, type FatLayout } from "./geometry.js";
import { putInformationSector } from "./information-sector.js";
import { putMasterBootRecord } from "./master-boot-record.js";
import { ENTRY } from "./read/directory-entry.js";

/** All that is not zero of an image, ascending; what is free or unused is left out. Clusters get set in the contents. */
export function volumeExtents(contents: FatContents, layout: FatLayout, identity: BootIdentity): Extent[] {
  const { root, directories, files } = contents;
  const { type } = layout;
  const clusterBytes = layout.sectorsPerCluster * FAT_SECTOR;
  const chains = giveClusters(contents, type === 32, clusterBytes);
  const used = chains.reduce((sum, length) => sum + length, 0);

  const start = identity.hiddenSectors * FAT_SECTOR;
  const offsetOf = (cluster: number): number =>
    start + layout.dataSector * FAT_SECTOR + (cluster - FIRST_CLUSTER) * clusterBytes;
  const extents: Extent[] = [];
  const add = (offset: number, bytes: Uint8Array): void => {
    extents.push({ offset, data: fromBytes(bytes) });
  };

  if (start > 0) add(0, masterBootRecord(layout, identity.serial));
  add(start, reservedRegion(layout, identity, used));
  const table = allocationTable(type, chains);
  const fatOffset = start + layout.reservedSectors * FAT_SECTOR;
  add(fatOffset, table);
  add(fatOffset + layout.fatSectors * FAT_SECTOR, table);
  if (type !== 32) {
    const rootDirectory = new Uint8Array(root.entries * ENTRY);
    putRootDirectory(rootDirectory, 0, root, identity.label);
    add(fatOffset + 2 * layout.fatSectors * FAT_SECTOR, rootDirectory);
  }
  const firstFile = files[0]?.cluster ?? FIRST_CLUSTER + used;
  const directoryData = new Uint8Array((firstFile - FIRST_CLUSTER) * clusterBytes);
  const place = (cluster: number): number => (cluster - FIRST_CLUSTER) * clusterBytes;
  if (type === 32) putRootDirectory(directoryData, 0, root, identity.label);
  for (const { directory, parent } of directories) {
    putDirectory(directoryData, place(directory.cluster), directory, parent, parent === root);
  }
  if (directoryData.length > 0) add(offsetOf(FIRST_CLUSTER), directoryData);
  for (const { cluster, node } of files) extents.push({ offset: offsetOf(cluster), data: node.data });
  return extents;
}

/** @returns the length of each chain, in the order of their clusters */
function giveClusters({ root, directories, files }: FatContents, rootIsChain: boolean, clusterBytes: number): number[] {
  const chains: number[] = [];
  let next = FIRST_CLUSTER;
  const take = (clusters: number): number => {
    const first = next;
    chains.push(clusters);
    next += clusters;
    return first;
  };
  if (rootIsChain) root.cluster = take(directoryClusters(root, clusterBytes));
  for (const { directory } of directories) directory.cluster = take(directoryClusters(directory, clusterBytes));
  for (const file of files) file.cluster = take(fileClusters(file, clusterBytes));
  return chains;
}

function masterBootRecord(layout: FatLayout, signature: number): Uint8Array {
  const sector = new Uint8Array(FAT_SECTOR);
  putMasterBootRecord(sector, 0, layout.type, layout.totalSectors, signature);
  return sector;
}

/** The boot sector; for FAT32 also FSInfo and the copies of both. */
function reservedRegion(layout: FatLayout, identity: BootIdentity, used: number): Uint8Array {
  const region = new Uint8Array(layout.reservedSectors * FAT_SECTOR);
  putBootSector(region, 0, layout, identity);
  if (layout.type !== 32) return region;
  const free = layout.clusters - used;
  const nextFree = free > 0 ? FIRST_CLUSTER + used : NO_NEXT_FREE;
  putInformationSector(region, INFORMATION_SECTOR * FAT_SECTOR, free, nextFree);
  region.copyWithin(BACKUP_BOOT_SECTOR * FAT_SECTOR, 0, 2 * FAT_SECTOR);
  return region;
}

/** FSInfo's word for "unknown" (FSI_Nxt_Free). */
const NO_NEXT_FREE = 0xffff_ffff;
