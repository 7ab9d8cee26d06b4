import { ImageRefusal } from "../refusal.js";

/**
 * Random access to an image's bytes, wherever they are. Reads are synchronous: images are local, their structures small,
 * and file data comes a chunk at a time, so that a caller decides between chunks whether others get a turn.
 */
export interface ImageInput {
  /** Bytes of the whole image. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`. They may be a view of the image itself: they are to be read, never written,
   * and are good until the next call. Throws `ImageRefusal` when the range is not inside the image.
   */
  read(offset: number, length: number): Uint8Array;
}

/** An image that is in memory. Nothing is copied. */
export function bytesInput(bytes: Uint8Array): ImageInput {
  return {
    size: bytes.length,
    read(offset, length) {
      requireInside(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A part of an image as an image of its own, such as a partition. */
export function windowInput(whole: ImageInput, start: number, size: number): ImageInput {
  requireInside(start, size, whole.size);
  return {
    size,
    read(offset, length) {
      requireInside(offset, length, size);
      return whole.read(start + offset, length);
    },
  };
}

/** Throws `ImageRefusal` unless `[offset, offset + length)` lies inside an image of `size` bytes. */
export function requireInside(offset: number, length: number, size: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw new ImageRefusal(`byte ${offset}`, `${length} bytes from here must lie inside the image of ${size} bytes`);
  }
}
