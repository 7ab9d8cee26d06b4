import { uint16le, uint32le } from "../../input/integers.js";

/** Bytes of a directory entry (FAT specification, "FAT Directory Structure"). */
export const ENTRY = 32;
/** Attribute bits, DIR_Attr. */
export const ATTRIBUTE = { readOnly: 1, hidden: 2, system: 4, volumeLabel: 8, directory: 16, archive: 32 } as const;
/** All of read-only, hidden, system and volume label: a part of a long name. */
const LONG_NAME = 0x0f;
/** First byte of an entry that is free, and of the first that was never used. */
export const FREE = 0xe5;
export const END = 0;

/** An entry of a directory as it stands. */
export interface FatEntry {
  /** Bytes from the start of the volume. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly attributes: number;
  readonly cluster: number;
  readonly size: number;
}

/** Reads the entry at `at`; `type` decides whether the first cluster has a high half. */
export function parseEntry(directory: Uint8Array, at: number, offset: number, type: 12 | 16 | 32): FatEntry {
  const bytes = directory.subarray(at, at + ENTRY);
  const high = type === 32 ? uint16le(bytes, 20) : 0;
  return {
    offset,
    bytes,
    attributes: bytes[11]!,
    cluster: high * 0x10000 + uint16le(bytes, 26),
    size: uint32le(bytes, 28),
  };
}

export function isLongNamePart(attributes: number): boolean {
  return (attributes & 0x3f) === LONG_NAME;
}
export function isVolumeLabel(attributes: number): boolean {
  return !isLongNamePart(attributes) && (attributes & ATTRIBUTE.volumeLabel) !== 0;
}

/** Whether the short name is `.` or `..`. */
export function isDot(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x2e || (bytes[1] !== 0x2e && bytes[1] !== 0x20)) return false;
  for (let i = 2; i < 11; i++) if (bytes[i] !== 0x20) return false;
  return true;
}

/** A date and time of the FAT specification ("Date and Time Formats"), taken as UTC; `undefined` when it is none. */
export function fatDate(date: number, time: number): Date | undefined {
  const month = (date >> 5) & 15;
  const day = date & 31;
  const hour = time >> 11;
  const minute = (time >> 5) & 63;
  const second = (time & 31) * 2;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const stamp = new Date(Date.UTC(1980 + (date >> 9), month - 1, day, hour, minute, second));
  return stamp.getUTCDate() === day ? stamp : undefined;
}
