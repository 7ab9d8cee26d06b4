import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { ImageRefusal } from "../refusal.js";
import { type ImageInput, requireInside } from "./input.js";

/** An open image file; it is closed at the end of a `using` block. */
export interface ImageFile extends ImageInput, Disposable {}

/**
 * Opens an image file or block device for reading. `followLinks` is for a path that a person typed; a path of ours must not
 * be a link. The size is that of this moment; a file that shrinks while it is read is refused, never padded.
 * Throws `ImageRefusal` when the path is neither a regular file nor a block device, and Node's own error when it cannot be opened.
 */
export function openImageFile(path: string, options: { followLinks?: boolean } = {}): ImageFile {
  const nofollow = options.followLinks === true ? 0 : constants.O_NOFOLLOW;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | nofollow);
  try {
    const status = fstatSync(fd);
    if (!status.isFile() && !status.isBlockDevice()) {
      throw new ImageRefusal(path, "an image must be a regular file or a block device");
    }
    return new OpenedFile(fd, path, status.isFile() ? status.size : deviceSize(fd));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class OpenedFile implements ImageFile {
  #open = true;
  constructor(
    private readonly fd: number,
    private readonly path: string,
    readonly size: number,
  ) {}

  read(offset: number, length: number): Uint8Array {
    requireInside(offset, length, this.size);
    const bytes = Buffer.allocUnsafe(length);
    let have = 0;
    while (have < length) {
      const got = readSync(this.fd, bytes, have, length - have, offset + have);
      if (got === 0) throw new ImageRefusal(this.path, "the file became shorter while it was read", offset + have);
      have += got;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.fd);
  }
}

/** A block device tells no size in its status: the last sector that can be read is searched for. */
function deviceSize(fd: number): number {
  const one = Buffer.alloc(1);
  const holds = (sectors: number) => readSync(fd, one, 0, 1, sectors * 512 - 1) === 1;
  let low = 0;
  let high = 1;
  while (high < 2 ** 40 && holds(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low * 512;
}
