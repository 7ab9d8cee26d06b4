import type { ImageInput } from "./input/input.js";
import { uint16le, uint32le } from "./input/integers.js";

/** A partition of a master boot record: four entries of 16 bytes from byte 446, then 55 AA. */
export interface Partition {
  /** Bytes from the start of the image where the entry stands. */
  readonly entryOffset: number;
  readonly status: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

const SECTOR = 512;
const TABLE = 446;
/** FAT12, FAT16 below 32 MiB, FAT16, FAT32, FAT32 by LBA, FAT16 by LBA. */
const FAT_TYPES: readonly number[] = [0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e];

/** The partitions of a master boot record that are in use and lie inside the image; none when there is no such record. */
export function readPartitions(input: ImageInput): Partition[] {
  if (input.size < SECTOR) return [];
  const bytes = input.read(0, SECTOR);
  if (uint16le(bytes, 510) !== 0xaa55) return [];
  return [0, 1, 2, 3]
    .map((index) => TABLE + index * 16)
    .map((at) => ({
      entryOffset: at,
      status: bytes[at]!,
      type: bytes[at + 4]!,
      offset: uint32le(bytes, at + 8) * SECTOR,
      size: uint32le(bytes, at + 12) * SECTOR,
    }))
    .filter(
      ({ status, offset, size }) => (status & 0x7f) === 0 && offset > 0 && size > 0 && offset + size <= input.size,
    );
}

/** Whether a partition of this type says that it holds a FAT volume. */
export function isFatPartitionType(type: number): boolean {
  return FAT_TYPES.includes(type);
}
