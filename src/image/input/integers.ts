/** An unsigned 16-bit integer, least significant byte first. Bytes past the end count as zero. */
export function uint16le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** An unsigned 16-bit integer, most significant byte first. */
export function uint16be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** An unsigned 32-bit integer, least significant byte first. */
export function uint32le(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** An unsigned 32-bit integer, most significant byte first. */
export function uint32be(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Whether `length` bytes from `at` are all `value`. */
export function isFilledWith(bytes: Uint8Array, at: number, length: number, value: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== value) return false;
  return true;
}

const ZEROS = new Uint8Array(4096);

/** Where the first byte in `[from, to)` that is not zero stands, or -1. Long stretches are compared at once: most of an image is zero. */
export function firstNonZero(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, to);
    if (end - at >= 64 && Buffer.compare(bytes.subarray(at, end), ZEROS.subarray(0, end - at)) === 0) continue;
    for (let i = at; i < end; i++) if (bytes[i] !== 0) return i;
  }
  return -1;
}

/** Bytes as the characters of the same number: for fields of the a- and d-characters and for signatures. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let i = at; i < at + length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
