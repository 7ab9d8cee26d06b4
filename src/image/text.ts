/**
 * Short strings go into the image by plain stores: a native encoder costs more per call than such a name has bytes.
 * All strings here were found well-formed at the door.
 */

/** Bytes of a well-formed string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00) {
      // A surrogate pair: two units, four bytes.
      i++;
    }
  }
  return bytes;
}

/** Stores a well-formed string as UTF-8. */
export function putUtf8(b: Uint8Array, o: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      b[o++] = unit;
    } else if (unit < 0x800) {
      b[o++] = 0xc0 | (unit >> 6);
      b[o++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit >= 0xe000) {
      b[o++] = 0xe0 | (unit >> 12);
      b[o++] = 0x80 | ((unit >> 6) & 0x3f);
      b[o++] = 0x80 | (unit & 0x3f);
    } else {
      const point = text.codePointAt(i) ?? 0;
      i++;
      b[o++] = 0xf0 | (point >> 18);
      b[o++] = 0x80 | ((point >> 12) & 0x3f);
      b[o++] = 0x80 | ((point >> 6) & 0x3f);
      b[o++] = 0x80 | (point & 0x3f);
    }
  }
}

/** Stores text of one byte a character: d-characters, a-characters, signatures. */
export function putAscii(b: Uint8Array, o: number, text: string): void {
  for (let i = 0; i < text.length; i++) b[o + i] = text.charCodeAt(i);
}

/** Stores text as UCS-2, level 3: 16 bits a unit, most significant byte first (Joliet, "Character set"). */
export function putUcs2(b: Uint8Array, o: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    b[o + 2 * i] = unit >>> 8;
    b[o + 2 * i + 1] = unit;
  }
}
