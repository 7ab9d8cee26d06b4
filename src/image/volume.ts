import type { ImageInput } from "./input/input.js";
import type { ImageFormat } from "./plan.js";

/** The three sets of names that one ISO 9660 image may hold, and the one of a FAT volume. */
export type NameSpace = "rock-ridge" | "joliet" | "iso9660" | "vfat";

/** What an image says about itself. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** Such as `ISO 9660`, `FAT12`, `FAT16`, `FAT32`; `raw` for bytes of no known format. */
  readonly variant: string;
  /** The volume label without its padding; `undefined` where there is none. */
  readonly label: string | undefined;
  /** The volume's UUID in the form in which blkid shows it; `undefined` where there is none. */
  readonly uuid: string | undefined;
  /** Bytes of the whole image. */
  readonly size: number;
  /** All name spaces of the image, the one that Linux prefers first. */
  readonly nameSpaces: readonly NameSpace[];
  /** Where the file system lies when it is inside a partition. */
  readonly partition?: { readonly offset: number; readonly size: number };
}

export type EntryKind = "file" | "directory" | "symlink" | "other";

/** Some bytes of a file at their place in the image. */
export interface DataRange {
  readonly offset: number;
  readonly length: number;
}

/** One file or directory of an image. What the image does not say is unset. */
export interface ImageEntry {
  /** `/` between its parts and none at either end; no part is empty, `.` or `..` or holds a control character, whatever the image says. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes of a file; 0 for all else. */
  readonly size: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Date;
  /** Where a symbolic link points, as the image says, without control characters. */
  readonly target?: string;
}

/** A file system inside an image, opened for reading. Every method throws `ImageRefusal` for what cannot be read. */
export interface ImageVolume {
  /** The file system's own bytes: the image, or the partition of it. */
  readonly input: ImageInput;
  readonly info: ImageInfo;
  /** The name space that `entries` come from. */
  readonly nameSpace: NameSpace | undefined;
  /** Everything below the root: each directory directly before all that it holds, else in the order of the image. */
  readonly entries: readonly ImageEntry[];
  /** Where the bytes of a file of `entries` lie in `input`. */
  ranges(entry: ImageEntry): Iterable<DataRange>;
}

/** How much of an image is looked at before it is refused: an image may be made to exhaust its reader. */
export interface ReadLimits {
  /** Files and directories. */
  readonly entries: number;
  /** Directories above one another. */
  readonly depth: number;
  /** UTF-16 units of one path. */
  readonly path: number;
  /** Bytes of directories, path tables and FATs, all together. */
  readonly structureBytes: number;
  /** Elementary steps (records, System Use entries, links of a cluster chain) in all. */
  readonly steps: number;
}

/** Enough for 200,000 files; a reader at these limits holds some hundred MiB and stops within seconds. */
export const DEFAULT_READ_LIMITS: ReadLimits = {
  entries: 200_000,
  depth: 256,
  // Linux's PATH_MAX, in bytes.
  path: 4096,
  structureBytes: 128 * 1024 * 1024,
  steps: 20_000_000,
};
