import { putLittle16, putLittle32 } from "../number.js";
import { putAscii } from "../text.js";
import { FIRST_CLUSTER, MEDIA } from "./allocation.js";
import { FAT_COUNT, FAT_SECTOR, type FatLayout } from "./geometry.js";
import { LABEL_LENGTH } from "./label.js";

/** Offset of each field (FAT specification 1.03, "Boot Sector and BPB"). */
export const BOOT_SECTOR = {
  jump: 0,
  oemName: 3,
  bytesPerSector: 11,
  sectorsPerCluster: 13,
  reservedSectors: 14,
  fatCount: 16,
  rootEntries: 17,
  totalSectors16: 19,
  media: 21,
  fatSectors16: 22,
  sectorsPerTrack: 24,
  heads: 26,
  hiddenSectors: 28,
  totalSectors32: 32,
  // FAT32 alone
  fatSectors32: 36,
  rootCluster: 44,
  informationSector: 48,
  backupBootSector: 50,
  signature: 510,
} as const;

/** The record behind the BPB, at 36 or, for FAT32, 64: offset of each field in it. */
export const EXTENDED_RECORD = { driveNumber: 0, bootSignature: 2, serial: 3, label: 7, type: 18, length: 26 } as const;

/** Sectors of a FAT32 volume that FSInfo and the copies stand in: where formatters put them. */
export const INFORMATION_SECTOR = 1;
export const BACKUP_BOOT_SECTOR = 6;

/** The name that the specification advises for BS_OEMName, since some readers look at it. */
const OEM_NAME = "MSWIN4.1";
/** x86: INT 18h, which hands on to the next boot device; then stay. */
const BOOT_CODE = [0xcd, 0x18, 0xeb, 0xfe];

/** What the boot sector says beside the layout. */
export interface BootIdentity {
  readonly label: string;
  /** 32 bits; blkid shows it as the volume's UUID. */
  readonly serial: number;
  /** Sectors before the volume: where its partition starts. */
  readonly hiddenSectors: number;
}

/** Stores a boot sector. The buffer is zero there. */
export function putBootSector(b: Uint8Array, o: number, layout: FatLayout, identity: BootIdentity): void {
  const fat32 = layout.type === 32;
  const record = o + (fat32 ? 64 : 36);
  const code = record + EXTENDED_RECORD.length;
  b.set([0xeb, code - o - 2, 0x90], o + BOOT_SECTOR.jump);
  putAscii(b, o + BOOT_SECTOR.oemName, OEM_NAME);
  putLittle16(b, o + BOOT_SECTOR.bytesPerSector, FAT_SECTOR);
  b[o + BOOT_SECTOR.sectorsPerCluster] = layout.sectorsPerCluster;
  putLittle16(b, o + BOOT_SECTOR.reservedSectors, layout.reservedSectors);
  b[o + BOOT_SECTOR.fatCount] = FAT_COUNT;
  putLittle16(b, o + BOOT_SECTOR.rootEntries, layout.rootEntries);
  b[o + BOOT_SECTOR.media] = MEDIA;
  putSizes(b, o, layout);
  putLittle16(b, o + BOOT_SECTOR.sectorsPerTrack, sectorsPerTrack(layout.totalSectors));
  putLittle16(b, o + BOOT_SECTOR.heads, HEADS);
  putLittle32(b, o + BOOT_SECTOR.hiddenSectors, identity.hiddenSectors);
  if (fat32) {
    putLittle32(b, o + BOOT_SECTOR.rootCluster, FIRST_CLUSTER);
    putLittle16(b, o + BOOT_SECTOR.informationSector, INFORMATION_SECTOR);
    putLittle16(b, o + BOOT_SECTOR.backupBootSector, BACKUP_BOOT_SECTOR);
  }
  b[record + EXTENDED_RECORD.driveNumber] = 0x80;
  b[record + EXTENDED_RECORD.bootSignature] = 0x29;
  putLittle32(b, record + EXTENDED_RECORD.serial, identity.serial);
  putAscii(b, record + EXTENDED_RECORD.label, identity.label.padEnd(LABEL_LENGTH));
  putAscii(b, record + EXTENDED_RECORD.type, `FAT${layout.type}   `);
  b.set(BOOT_CODE, code);
  putSectorSignature(b, o);
}

/** 55 AA at the end of a sector. */
export function putSectorSignature(b: Uint8Array, o: number): void {
  b[o + BOOT_SECTOR.signature] = 0x55;
  b[o + BOOT_SECTOR.signature + 1] = 0xaa;
}

function putSizes(b: Uint8Array, o: number, { type, totalSectors, fatSectors }: FatLayout): void {
  // The 16-bit field where it can say it, never for FAT32 (BPB_TotSec16).
  if (type !== 32 && totalSectors < 0x10000) putLittle16(b, o + BOOT_SECTOR.totalSectors16, totalSectors);
  else putLittle32(b, o + BOOT_SECTOR.totalSectors32, totalSectors);
  if (type === 32) putLittle32(b, o + BOOT_SECTOR.fatSectors32, fatSectors);
  else putLittle16(b, o + BOOT_SECTOR.fatSectors16, fatSectors);
}

/** No disk has this geometry; mtools wants whole tracks all the same. */
const HEADS = 64;
function sectorsPerTrack(totalSectors: number): number {
  let sectors = 32;
  while (totalSectors % sectors !== 0) sectors /= 2;
  return sectors;
}
