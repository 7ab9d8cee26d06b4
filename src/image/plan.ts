import type { ByteSource } from "./tree.js";

/** What an image is. */
export type ImageFormat = "iso9660" | "vfat" | "raw";

/** Some bytes at their place in the image. */
export interface Extent {
  /** Bytes from the start of the image. */
  readonly offset: number;
  readonly data: ByteSource;
}

/**
 * An image that is laid out but not written: everything is decided, no file data was copied.
 * Extents ascend and never overlap; what lies between them is zero.
 */
export interface ImagePlan {
  readonly format: ImageFormat;
  /** Bytes of the whole image. */
  readonly size: number;
  /** The volume label; `undefined` for a raw image. */
  readonly label: string | undefined;
  readonly extents: readonly Extent[];
}
