import { putLittle32 } from "../number.js";
import { putSectorSignature } from "./boot-sector.js";
import type { FatType } from "./geometry.js";

/** Where the one partition starts, in sectors: 1 MiB, as partitioning tools align them. */
export const PARTITION_START = 2048;

/** Offset of the disk signature and of the first of four entries. */
const DISK_SIGNATURE = 440;
const FIRST_ENTRY = 446;
/** FAT12; FAT16 and FAT32 by logical block address. */
const PARTITION_TYPE: Readonly<Record<FatType, number>> = { 12: 0x01, 16: 0x0e, 32: 0x0c };
/** Head, sector and cylinder of an address beyond them: readers take the logical block address. */
const NO_CHS = [0xfe, 0xff, 0xff];

/** Stores a master boot record with one FAT partition, not active. The buffer is zero there. */
export function putMasterBootRecord(b: Uint8Array, o: number, type: FatType, sectors: number, signature: number): void {
  putLittle32(b, o + DISK_SIGNATURE, signature);
  b.set(NO_CHS, o + FIRST_ENTRY + 1);
  b[o + FIRST_ENTRY + 4] = PARTITION_TYPE[type];
  b.set(NO_CHS, o + FIRST_ENTRY + 5);
  putLittle32(b, o + FIRST_ENTRY + 8, PARTITION_START);
  putLittle32(b, o + FIRST_ENTRY + 12, sectors);
  putSectorSignature(b, o);
}
