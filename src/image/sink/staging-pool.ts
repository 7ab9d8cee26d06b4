/** Bytes of one staging buffer: a whole image of the common kind, or a good write of a larger one. */
export const STAGING_BYTES = 1 << 20;
/** Buffers kept for the next image: their pages are there already, which is most of the cost of a small image. */
const KEPT = 4;

const free: Uint8Array[] = [];

/** Lends a buffer whose content is whatever stood there before; it goes back at the end of the scope. */
export function borrowStaging(): Disposable & { readonly buffer: Uint8Array } {
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(STAGING_BYTES);
  return {
    buffer,
    [Symbol.dispose]() {
      if (free.length < KEPT) free.push(buffer);
    },
  };
}
