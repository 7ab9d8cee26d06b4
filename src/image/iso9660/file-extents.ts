import { hash } from "node:crypto";
import type { FileNode } from "../hierarchy.js";
import type { ByteSource } from "../tree.js";

/** The data of one or more files that hold the same bytes. */
export interface FileExtent {
  readonly data: ByteSource;
  /** First sector, once the layout has given it. */
  sector: number;
}

interface SameSize {
  readonly compared: FileExtent[];
  digests: Map<string, FileExtent> | undefined;
}

/** How many contents of one size are compared byte by byte before their digests are: a small digest costs as much as 40 comparisons. */
const COMPARED = 16;

/**
 * One extent for all files of equal content, in the order in which files first come. Contents in memory are equal when
 * their bytes are; others only when they are the same source.
 */
export class FileExtents {
  readonly extents: FileExtent[] = [];
  /** By the file's place in the caller's list. */
  readonly #byFile: (FileExtent | undefined)[];
  /** Sources that are read later: they are equal only to themselves. */
  readonly #bySource = new Map<ByteSource, FileExtent>();
  readonly #bySize = new Map<number, SameSize>();

  /** @param files how many there are in all */
  constructor(files: number) {
    this.#byFile = new Array(files);
  }

  add({ data, index }: FileNode): void {
    if (data.size === 0) return;
    this.#byFile[index] = data.bytes === undefined ? this.#sameOrNew(data) : this.#equalOrNew(data, data.bytes);
  }

  /** First sector of a file's data; 0 for an empty file, which has no extent. */
  sectorOf({ index }: FileNode): number {
    return this.#byFile[index]?.sector ?? 0;
  }

  #sameOrNew(data: ByteSource): FileExtent {
    let extent = this.#bySource.get(data);
    if (extent === undefined) {
      extent = this.#append(data);
      this.#bySource.set(data, extent);
    }
    return extent;
  }

  #append(data: ByteSource): FileExtent {
    const extent = { data, sector: 0 };
    this.extents.push(extent);
    return extent;
  }

  #equalOrNew(data: ByteSource, bytes: Uint8Array): FileExtent {
    const known = this.#bySize.get(data.size);
    if (known === undefined) {
      const extent = this.#append(data);
      this.#bySize.set(data.size, { compared: [extent], digests: undefined });
      return extent;
    }
    for (const extent of known.compared) {
      const other = extent.data.bytes;
      if (other === bytes || (other !== undefined && Buffer.compare(other, bytes) === 0)) return extent;
    }
    if (known.compared.length < COMPARED) {
      const extent = this.#append(data);
      known.compared.push(extent);
      return extent;
    }
    const digest = hash("sha256", bytes, "base64");
    known.digests ??= new Map();
    let extent = known.digests.get(digest);
    if (extent === undefined) {
      extent = this.#append(data);
      known.digests.set(digest, extent);
    }
    return extent;
  }
}
