/** Bytes of a date and time in a volume descriptor (ECMA-119 8.4.26.1). */
export const DESCRIPTOR_DATE_LENGTH = 17;

/** Stores a time as 16 digits to the hundredth of a second and zone 0 (UTC). */
export function putDescriptorDate(b: Uint8Array, o: number, time: Date): void {
  putDigits(b, o, 4, time.getUTCFullYear());
  putDigits(b, o + 4, 2, time.getUTCMonth() + 1);
  putDigits(b, o + 6, 2, time.getUTCDate());
  putDigits(b, o + 8, 2, time.getUTCHours());
  putDigits(b, o + 10, 2, time.getUTCMinutes());
  putDigits(b, o + 12, 2, time.getUTCSeconds());
  putDigits(b, o + 14, 2, Math.floor(time.getUTCMilliseconds() / 10));
  b[o + 16] = 0;
}

function putDigits(b: Uint8Array, o: number, digits: number, value: number): void {
  let left = value;
  for (let i = digits - 1; i >= 0; i--) {
    b[o + i] = 0x30 + (left % 10);
    left = Math.floor(left / 10);
  }
}

/** Stores "not specified": digits `0` and zone 0 (ECMA-119 8.4.26.1). */
export function putNoDescriptorDate(b: Uint8Array, o: number): void {
  b.fill(0x30, o, o + 16);
  b[o + 16] = 0;
}
