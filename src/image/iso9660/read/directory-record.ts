import { uint32le } from "../../input/integers.js";

/** Bits of a record's file flags, ECMA-119 9.1.6. */
export const FLAG = { hidden: 1, directory: 2, associated: 4, record: 8, protection: 16, multiExtent: 128 } as const;

/** Bytes before the identifier (ECMA-119 9.1.1 to 9.1.10). */
export const RECORD_HEAD = 33;

/** A directory record as it stands (ECMA-119 9.1). Numbers are the little-endian halves. */
export interface DirectoryRecord {
  /** Where it begins, in bytes from the start of the image. */
  readonly offset: number;
  /** All its bytes. */
  readonly bytes: Uint8Array;
  /** Logical block number. */
  readonly extent: number;
  readonly size: number;
  readonly flags: number;
  readonly identifier: Uint8Array;
  /** Where the System Use field begins, in bytes from the record's start (ECMA-119 9.1.13). */
  readonly systemUse: number;
}

/** The record at `at` of a sector's bytes, or the rule that it breaks so badly that it cannot be read. */
export function parseDirectoryRecord(sector: Uint8Array, at: number, offset: number): DirectoryRecord | string {
  const length = sector[at]!;
  if (length < RECORD_HEAD + 1) return "a directory record has at least 34 bytes";
  if (at + length > sector.length) return "a directory record ends in the sector in which it begins";
  const bytes = sector.subarray(at, at + length);
  const identifierLength = bytes[32]!;
  const systemUse = RECORD_HEAD + identifierLength + (identifierLength % 2 === 0 ? 1 : 0);
  if (RECORD_HEAD + identifierLength > length) return "the file identifier ends inside its record";
  return {
    offset,
    bytes,
    extent: uint32le(bytes, 2),
    size: uint32le(bytes, 10),
    flags: bytes[25]!,
    identifier: bytes.subarray(RECORD_HEAD, RECORD_HEAD + identifierLength),
    systemUse: Math.min(systemUse, length),
  };
}

/** Whether the record is the directory's own (`.`, identifier 00) or its parent's (`..`, identifier 01), ECMA-119 6.8.2.2. */
export function isSelf(record: DirectoryRecord): boolean {
  return record.identifier.length === 1 && record.identifier[0] === 0;
}
export function isParent(record: DirectoryRecord): boolean {
  return record.identifier.length === 1 && record.identifier[0] === 1;
}

export function isDirectory(record: DirectoryRecord): boolean {
  return (record.flags & FLAG.directory) !== 0;
}
