import { fileDigest, imageDigest, type Reading } from "#image/contents.js";
import { openImageFile } from "#image/input/file.js";
import { openImage } from "#image/open.js";
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

/** Reads a whole image: what it says about itself, its digest, and each file with size and digest. Throws `ImageRefusal`. */
export async function listImage(
  path: string,
  nameSpace: NameSpace | undefined,
  reading: Reading = {},
): Promise<Listing> {
  using input = openImageFile(path, { followLinks: true });
  const volume = openImage(input, nameSpace === undefined ? {} : { nameSpace });
  const entries: ListedEntry[] = [];
  for (const entry of volume.entries) {
    const { mode, mtime, ...rest } = entry;
    entries.push({
      ...rest,
      ...(entry.kind === "file" ? { sha256: await fileDigest(volume, entry, reading) } : {}),
      ...(mode === undefined ? {} : { mode: mode.toString(8).padStart(4, "0") }),
      ...(mtime === undefined ? {} : { mtime: mtime.toISOString() }),
    });
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sha256 = await imageDigest(input, reading);
  return {
    ...volume.info,
    sha256,
    ...(volume.nameSpace === undefined ? {} : { nameSpace: volume.nameSpace }),
    entries,
  };
}
