import { putAscii } from "../text.js";

/** Bytes of a date and time in a volume descriptor (ECMA-119 8.4.26.1). */
export const DESCRIPTOR_DATE_LENGTH = 17;

/** Stores a time as 16 digits to the hundredth of a second and zone 0 (UTC). */
export function putDescriptorDate(b: Uint8Array, o: number, time: Date): void {
  // 2026-11-22T16:49:02.123Z -> 2026112216490212
  putAscii(
    b,
    o,
    time
      .toISOString()
      .replace(/[-:T.Z]/g, "")
      .slice(0, 16),
  );
  b[o + 16] = 0;
}

/** Stores "not specified": digits `0` and zone 0 (ECMA-119 8.4.26.1). */
export function putNoDescriptorDate(b: Uint8Array, o: number): void {
  b.fill(0x30, o, o + 16);
  b[o + 16] = 0;
}
