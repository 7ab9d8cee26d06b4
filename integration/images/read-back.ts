import { fileChunks } from "#image/contents.js";
import { bytesInput } from "#image/input/input.js";
import { openImage } from "#image/open.js";
import type { ImageVolume, NameSpace } from "#image/volume.js";
import { sha256 } from "./random-trees.js";

/** What our own reader finds in an image. */
export interface ReadBack {
  readonly volume: ImageVolume;
  readonly kinds: ReadonlyMap<string, string>;
  /** SHA-256 of every file by its path. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Opens an image and reads all of its files. */
export function readBack(image: Uint8Array, nameSpace?: NameSpace): ReadBack {
  const volume = openImage(bytesInput(image), nameSpace === undefined ? {} : { nameSpace });
  const kinds = new Map(volume.entries.map(({ path, kind }) => [path, kind]));
  const digests = new Map<string, string>();
  for (const entry of volume.entries) {
    if (entry.kind === "file") digests.set(entry.path, sha256(Buffer.concat([...fileChunks(volume, entry)])));
  }
  return { volume, kinds, digests };
}
