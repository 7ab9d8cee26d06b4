import type { ImageInput } from "../../input/input.js";
import { uint16le, uint32le } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";

/** Bytes of the boot sector that hold fields, whatever the sector size (FAT specification 1.03, "Boot Sector and BPB"). */
const BOOT_SECTOR_FIELDS = 512;

/** A FAT volume's parameters, as its boot sector states them; offsets and lengths in bytes unless said otherwise. */
export interface FatGeometry {
  readonly bytes: Uint8Array;
  readonly sectorSize: number;
  readonly clusterSize: number;
  readonly reservedSectors: number;
  readonly fatCount: number;
  readonly rootEntries: number;
  readonly totalSectors: number;
  readonly media: number;
  /** Sectors of one FAT. */
  readonly fatSectors: number;
  /** Whether the fields behind byte 36 are those of FAT32: decided by a zero BPB_FATSz16. */
  readonly fat32Layout: boolean;
  /** 32 for the fields of FAT32, else by the number of clusters: what Linux takes it for. */
  readonly type: 12 | 16 | 32;
  readonly clusters: number;
  readonly fatStart: number;
  readonly rootStart: number;
  readonly dataStart: number;
  /** First cluster of the root directory; FAT32 only, else 0. */
  readonly rootCluster: number;
  /** Where drive number, extended boot signature, serial number, label and type string begin: byte 36 or 64. */
  readonly extendedRecord: number;
}

/** Fewer clusters than this is FAT12, fewer than the other FAT16 (FAT specification, "FAT Type Determination"). */
export const FAT16_FROM = 4085;
export const FAT32_FROM = 65525;

/** Whether the first sector can be a FAT boot sector: a jump, a sector size, cluster size, FAT count and media byte that exist. */
export function looksLikeFat(input: ImageInput): boolean {
  if (input.size < BOOT_SECTOR_FIELDS) return false;
  const bytes = input.read(0, BOOT_SECTOR_FIELDS);
  const jumps = bytes[0] === 0xeb || bytes[0] === 0xe9;
  return jumps && ruleBroken(bytes) === undefined;
}

/** Reads the geometry. Throws `ImageRefusal` when a field has a value with which nothing could be found. */
export function readGeometry(input: ImageInput): FatGeometry {
  if (input.size < BOOT_SECTOR_FIELDS)
    throw new ImageRefusal("boot sector", "a FAT volume has at least 512 bytes", input.size);
  const bytes = input.read(0, BOOT_SECTOR_FIELDS);
  const broken = ruleBroken(bytes);
  if (broken !== undefined) throw new ImageRefusal("boot sector", broken);
  const sectorSize = uint16le(bytes, 11);
  const clusterSectors = bytes[13]!;
  const reservedSectors = uint16le(bytes, 14);
  const fatCount = bytes[16]!;
  const rootEntries = uint16le(bytes, 17);
  const totalSectors = uint16le(bytes, 19) || uint32le(bytes, 32);
  const fat32Layout = uint16le(bytes, 22) === 0;
  const fatSectors = uint16le(bytes, 22) || uint32le(bytes, 36);
  const rootSectors = Math.ceil((rootEntries * 32) / sectorSize);
  const dataSector = reservedSectors + fatCount * fatSectors + rootSectors;
  if (dataSector >= totalSectors) throw new ImageRefusal("boot sector", "the volume has a data region", totalSectors);
  const clusters = Math.floor((totalSectors - dataSector) / clusterSectors);
  const type = fat32Layout ? 32 : clusters < FAT16_FROM ? 12 : 16;
  if (clusters === 0) throw new ImageRefusal("boot sector", "the volume has at least one cluster");
  return {
    bytes,
    sectorSize,
    clusterSize: clusterSectors * sectorSize,
    reservedSectors,
    fatCount,
    rootEntries,
    totalSectors,
    media: bytes[21]!,
    fatSectors,
    fat32Layout,
    type,
    clusters,
    fatStart: reservedSectors * sectorSize,
    rootStart: (reservedSectors + fatCount * fatSectors) * sectorSize,
    dataStart: dataSector * sectorSize,
    rootCluster: fat32Layout ? uint32le(bytes, 44) : 0,
    extendedRecord: fat32Layout ? 64 : 36,
  };
}

function ruleBroken(bytes: Uint8Array): string | undefined {
  const sectorSize = uint16le(bytes, 11);
  if (![512, 1024, 2048, 4096].includes(sectorSize))
    return "a sector is 512, 1024, 2048 or 4096 bytes (BPB_BytsPerSec)";
  const clusterSectors = bytes[13]!;
  if (clusterSectors === 0 || (clusterSectors & (clusterSectors - 1)) !== 0) {
    return "a cluster is a power of two of sectors (BPB_SecPerClus)";
  }
  if (uint16le(bytes, 14) === 0) return "the boot sector itself is reserved (BPB_RsvdSecCnt)";
  if (bytes[16] === 0) return "there is at least one FAT (BPB_NumFATs)";
  const media = bytes[21]!;
  if (media !== 0xf0 && media < 0xf8) return "the media byte is F0 or F8 to FF (BPB_Media)";
  return undefined;
}

/** Where a cluster's bytes begin. */
export function clusterOffset(geometry: FatGeometry, cluster: number): number {
  return geometry.dataStart + (cluster - 2) * geometry.clusterSize;
}
