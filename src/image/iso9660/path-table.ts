import { putBig16, putBig32, putLittle16, putLittle32 } from "../number.js";

/** Offset of each field of a path table record (ECMA-119 9.4). */
export const PATH_TABLE_RECORD = {
  identifierLength: 0,
  extendedAttributeLength: 1,
  extent: 2,
  parentNumber: 6,
  identifier: 8,
} as const;

/** The number of a parent directory has 16 bits (ECMA-119 9.4.4). */
export const MAX_DIRECTORIES = 0xffff;

/** Bytes of one record: the identifier is padded to an even length (ECMA-119 9.4.6). */
export function pathTableRecordLength(identifierBytes: number): number {
  return PATH_TABLE_RECORD.identifier + identifierBytes + (identifierBytes & 1);
}

/** Stores all but the identifier, for the type L table: least significant byte first (ECMA-119 6.9.2). */
export function putPathTableRecordL(
  b: Uint8Array,
  o: number,
  identifierBytes: number,
  extent: number,
  parentNumber: number,
): void {
  b[o + PATH_TABLE_RECORD.identifierLength] = identifierBytes;
  putLittle32(b, o + PATH_TABLE_RECORD.extent, extent);
  putLittle16(b, o + PATH_TABLE_RECORD.parentNumber, parentNumber);
}

/** Stores all but the identifier, for the type M table: most significant byte first (ECMA-119 6.9.2). */
export function putPathTableRecordM(
  b: Uint8Array,
  o: number,
  identifierBytes: number,
  extent: number,
  parentNumber: number,
): void {
  b[o + PATH_TABLE_RECORD.identifierLength] = identifierBytes;
  putBig32(b, o + PATH_TABLE_RECORD.extent, extent);
  putBig16(b, o + PATH_TABLE_RECORD.parentNumber, parentNumber);
}
