import { putBoth16, putBoth32 } from "../number.js";
import type { RecordingDates } from "./recording-date.js";

/** Offset of each field of a directory record (ECMA-119 9.1). */
export const DIRECTORY_RECORD = {
  length: 0,
  extendedAttributeLength: 1,
  extent: 2,
  dataLength: 10,
  recordingDate: 18,
  flags: 25,
  fileUnitSize: 26,
  interleaveGap: 27,
  volumeSequenceNumber: 28,
  identifierLength: 32,
  identifier: 33,
} as const;

/** File flag: the record is of a directory (ECMA-119 9.1.6, bit 1). */
export const FLAG_DIRECTORY = 0x02;

/** The identifiers of "." and ".." are one byte (ECMA-119 7.6.2). */
export const SELF = 0x00;
export const PARENT = 0x01;

/** LEN-DR is one byte and records keep to even lengths (ECMA-119 9.1.1, 9.1.12). */
export const MAX_RECORD_LENGTH = 254;

/** The record in a volume descriptor holds the root: 34 bytes, no system use (ECMA-119 8.4.18). */
export const ROOT_RECORD_LENGTH = 34;

/** Where the system use field begins: after the identifier and the padding byte that makes it even (9.1.12, 9.1.13). */
export function systemUseOffset(identifierBytes: number): number {
  return DIRECTORY_RECORD.identifier + identifierBytes + (1 - (identifierBytes & 1));
}

/**
 * Stores everything of a record but its identifier and system use. The arguments are many and plain since this runs
 * twice for every file: an object for each call would cost more than the stores.
 */
export function putDirectoryRecord(
  b: Uint8Array,
  o: number,
  length: number,
  extent: number,
  dataLength: number,
  time: number,
  dates: RecordingDates,
  flags: number,
  identifierBytes: number,
): void {
  b[o + DIRECTORY_RECORD.length] = length;
  b[o + DIRECTORY_RECORD.extendedAttributeLength] = 0;
  putBoth32(b, o + DIRECTORY_RECORD.extent, extent);
  putBoth32(b, o + DIRECTORY_RECORD.dataLength, dataLength);
  dates.put(b, o + DIRECTORY_RECORD.recordingDate, time);
  b[o + DIRECTORY_RECORD.flags] = flags;
  b[o + DIRECTORY_RECORD.fileUnitSize] = 0;
  b[o + DIRECTORY_RECORD.interleaveGap] = 0;
  putBoth16(b, o + DIRECTORY_RECORD.volumeSequenceNumber, 1);
  b[o + DIRECTORY_RECORD.identifierLength] = identifierBytes;
}
