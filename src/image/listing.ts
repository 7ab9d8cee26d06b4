import { fileDigest, imageDigest, type Reading } from "./contents.js";
import type { ImageInput } from "./input/input.js";
import { type OpenOptions, openImage } from "./open.js";
import type { ImageEntry, ImageInfo, NameSpace } from "./volume.js";

/** An entry; a file with the SHA-256 of its bytes, lower-case hexadecimal. */
export interface DigestedEntry extends ImageEntry {
  readonly sha256?: string;
}

/** An image and everything in it. */
export interface ImageListing {
  readonly info: ImageInfo;
  /** The name space that `entries` come from; unset for a raw image. */
  readonly nameSpace: NameSpace | undefined;
  /** Of the whole image. */
  readonly sha256: string;
  /** By path. */
  readonly entries: readonly DigestedEntry[];
}

/** Reads a whole image: what it says about itself, its digest, and each file with size and digest. Throws `ImageRefusal`, and the signal's reason. */
export async function listImage(
  input: ImageInput,
  options: OpenOptions = {},
  reading: Reading = {},
): Promise<ImageListing> {
  const volume = openImage(input, options);
  const entries: DigestedEntry[] = [];
  for (const entry of volume.entries) {
    entries.push(entry.kind === "file" ? { ...entry, sha256: await fileDigest(volume, entry, reading) } : entry);
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sha256 = await imageDigest(input, reading);
  return { info: volume.info, nameSpace: volume.nameSpace, sha256, entries };
}
