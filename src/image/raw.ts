import type { ImagePlan } from "./plan.js";
import { ImageRefusal } from "./refusal.js";
import type { ByteSource } from "./tree.js";

/** A disk has whole sectors of this size: QEMU hides a last part of one from the guest. */
export const DISK_SECTOR = 512;

export interface RawOptions {
  /** Bytes of the volume, a multiple of 512; the blob is followed by zeros. Default: the blob, up to a whole sector. */
  readonly sizeBytes?: number;
}

/**
 * The blob is the volume: its bytes exactly, from the first on, then zeros. Nothing is ever cut.
 * @throws ImageRefusal where the asked size cannot hold the blob, or nothing would be left of a volume
 */
export function planRaw(data: ByteSource, options: RawOptions = {}): ImagePlan {
  const needed = Math.ceil(data.size / DISK_SECTOR) * DISK_SECTOR;
  const size = options.sizeBytes ?? needed;
  if (!Number.isSafeInteger(data.size) || data.size < 0) {
    throw new ImageRefusal("blob", "must have a size of 0 or more whole bytes", data.size);
  }
  if (!Number.isSafeInteger(size) || size < 0 || size % DISK_SECTOR !== 0) {
    throw new ImageRefusal("sizeBytes", `must be a multiple of ${DISK_SECTOR}`, size);
  }
  if (size < data.size) throw new ImageRefusal("sizeBytes", `the blob has ${data.size} bytes`, size);
  if (size === 0) throw new ImageRefusal("blob", "must not be empty where no size is asked for: no disk has 0 bytes");
  const extents = data.size === 0 ? [] : [{ offset: 0, data }];
  return { format: "raw", size, label: undefined, extents };
}
