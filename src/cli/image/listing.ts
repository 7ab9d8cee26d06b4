import type { Reading } from "#image/contents.js";
import { openImageFile } from "#image/input/file.js";
import { listImage } from "#image/listing.js";
import type { EntryKind, ImageInfo, NameSpace } from "#image/volume.js";

/** One entry as `inspect` and `diff` show it. */
export interface ListedEntry {
  readonly path: string;
  readonly kind: EntryKind;
  readonly size: number;
  /** Files only. */
  readonly sha256?: string;
  /** Permission bits in octal, where the image has them. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: string;
  readonly target?: string;
}

/** An image and everything in it. */
export interface Listing extends ImageInfo {
  readonly sha256: string;
  readonly nameSpace?: NameSpace;
  /** By path. */
  readonly entries: readonly ListedEntry[];
}

/** Reads an image file whole. Throws `ImageRefusal`. */
export async function listImageFile(
  path: string,
  nameSpace: NameSpace | undefined,
  reading: Reading = {},
): Promise<Listing> {
  using input = openImageFile(path, { followLinks: true });
  const listing = await listImage(input, nameSpace === undefined ? {} : { nameSpace }, reading);
  return {
    ...listing.info,
    sha256: listing.sha256,
    ...(listing.nameSpace === undefined ? {} : { nameSpace: listing.nameSpace }),
    entries: listing.entries.map(({ mode, mtime, ...rest }) => ({
      ...rest,
      ...(mode === undefined ? {} : { mode: mode.toString(8).padStart(4, "0") }),
      ...(mtime === undefined ? {} : { mtime: mtime.toISOString() }),
    })),
  };
}
