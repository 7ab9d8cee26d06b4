/**
 * Numbers as file systems record them: FAT has them least significant byte first, ISO 9660 in all the ways of
 * ECMA-119 7.2 and 7.3. `b` is the buffer, `o` the offset of the field.
 */

/** 16 bits, least significant byte first (ECMA-119 7.2.1). */
export function putLittle16(b: Uint8Array, o: number, value: number): void {
  b[o] = value;
  b[o + 1] = value >>> 8;
}

/** 16 bits, most significant byte first (ECMA-119 7.2.2). */
export function putBig16(b: Uint8Array, o: number, value: number): void {
  b[o] = value >>> 8;
  b[o + 1] = value;
}

/** 16 bits, both orders, 4 bytes (ECMA-119 7.2.3). */
export function putBoth16(b: Uint8Array, o: number, value: number): void {
  putLittle16(b, o, value);
  putBig16(b, o + 2, value);
}

/** 32 bits, least significant byte first (ECMA-119 7.3.1). */
export function putLittle32(b: Uint8Array, o: number, value: number): void {
  b[o] = value;
  b[o + 1] = value >>> 8;
  b[o + 2] = value >>> 16;
  b[o + 3] = value >>> 24;
}

/** 32 bits, most significant byte first (ECMA-119 7.3.2). */
export function putBig32(b: Uint8Array, o: number, value: number): void {
  b[o] = value >>> 24;
  b[o + 1] = value >>> 16;
  b[o + 2] = value >>> 8;
  b[o + 3] = value;
}

/** 32 bits, both orders, 8 bytes (ECMA-119 7.3.3). */
export function putBoth32(b: Uint8Array, o: number, value: number): void {
  putLittle32(b, o, value);
  putBig32(b, o + 4, value);
}
