import { putLittle16, putLittle32 } from "../number.js";
import { putAscii } from "../text.js";
import type { FatDate } from "./date.js";

/** Offset of each field of a directory entry (FAT specification, "FAT Directory Structure"). */
export const DIRECTORY_ENTRY = {
  name: 0,
  attributes: 11,
  creationHundredths: 13,
  creationTime: 14,
  creationDate: 16,
  accessDate: 18,
  clusterHigh: 20,
  writeTime: 22,
  writeDate: 24,
  clusterLow: 26,
  size: 28,
} as const;

/** Stores an entry with the same creation, access and write time. The buffer is zero there. */
export function putDirectoryEntry(
  b: Uint8Array,
  o: number,
  name: string,
  attributes: number,
  date: FatDate,
  cluster: number,
  size: number,
): void {
  putAscii(b, o + DIRECTORY_ENTRY.name, name);
  b[o + DIRECTORY_ENTRY.attributes] = attributes;
  b[o + DIRECTORY_ENTRY.creationHundredths] = date.hundredths;
  putLittle16(b, o + DIRECTORY_ENTRY.creationTime, date.time);
  putLittle16(b, o + DIRECTORY_ENTRY.creationDate, date.date);
  putLittle16(b, o + DIRECTORY_ENTRY.accessDate, date.date);
  putLittle16(b, o + DIRECTORY_ENTRY.clusterHigh, cluster >>> 16);
  putLittle16(b, o + DIRECTORY_ENTRY.writeTime, date.time);
  putLittle16(b, o + DIRECTORY_ENTRY.writeDate, date.date);
  putLittle16(b, o + DIRECTORY_ENTRY.clusterLow, cluster);
  putLittle32(b, o + DIRECTORY_ENTRY.size, size);
}
