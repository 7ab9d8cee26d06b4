import { closeSync, futimesSync, writeSync } from "node:fs";
import { eachChunk, fileChunks, type Reading } from "../contents.js";
import { ImageRefusal } from "../refusal.js";
import type { ImageEntry, ImageVolume } from "../volume.js";
import { DirectoryHandle } from "./directory-handle.js";

export interface ExtractOptions extends Reading {
  /** Bytes that all files together may take; default 4 GiB. Files that share their bytes in the image count each. */
  readonly mostBytes?: number;
}

/** What was not written, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface Extracted {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly skipped: readonly Skipped[];
}

const MOST_BYTES = 4 * 1024 * 1024 * 1024;
/** What Linux file systems take for one part of a path. */
const MOST_NAME_BYTES = 255;

/**
 * Writes an image's files below a directory that is there. Nothing that has a name already is opened, replaced or followed;
 * symbolic links and special files are skipped, and so is a name that is taken. Files are readable by their owner alone (0600, or 0700
 * where the image has them executable): drives hold passwords. Throws `ImageRefusal` when the files exceed `mostBytes`, before any is
 * written, or when a file cannot be read from the image.
 */
export async function extractImage(
  volume: ImageVolume,
  destination: string,
  options: ExtractOptions = {},
): Promise<Extracted> {
  const total = volume.entries.reduce((sum, { size }) => sum + size, 0);
  const most = options.mostBytes ?? MOST_BYTES;
  if (total > most) throw new ImageRefusal("image", `its files together have at most ${most} bytes`, total);
  const skipped: Skipped[] = [];
  const count = { files: 0, directories: 0, bytes: 0 };
  using root = DirectoryHandle.open(destination);
  using handles = new OpenDirectories(root);
  for (const entry of volume.entries) {
    options.signal?.throwIfAborted();
    const reason = await place(volume, entry, handles, options);
    if (reason !== undefined) skipped.push({ path: entry.path, reason });
    else if (entry.kind === "directory") count.directories++;
    else {
      count.files++;
      count.bytes += entry.size;
    }
  }
  return { ...count, skipped };
}

/** Makes one directory or file; gives the reason when it is skipped. */
async function place(
  volume: ImageVolume,
  entry: ImageEntry,
  handles: OpenDirectories,
  options: ExtractOptions,
): Promise<string | undefined> {
  const slash = entry.path.lastIndexOf("/");
  const name = entry.path.slice(slash + 1);
  if (entry.kind === "symlink") return "symbolic links are not made";
  if (entry.kind === "other") return "special files are not made";
  if (Buffer.byteLength(name) > MOST_NAME_BYTES) return `a name has at most ${MOST_NAME_BYTES} bytes`;
  const parent = handles.enter(slash < 0 ? "" : entry.path.slice(0, slash));
  if (parent === undefined) return "the directory above it was skipped";
  try {
    if (entry.kind === "directory") handles.made(entry.path, parent.make(name));
    else await writeFile(volume, entry, parent.create(name, 0o600 | ((entry.mode ?? 0) & 0o100)), options);
  } catch (error) {
    if (isTaken(error)) return "something has this name already";
    throw error;
  }
  return undefined;
}

async function writeFile(volume: ImageVolume, entry: ImageEntry, fd: number, reading: Reading): Promise<void> {
  try {
    await eachChunk(
      fileChunks(volume, entry),
      (chunk) => {
        for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done, chunk.length - done);
      },
      reading,
    );
    if (entry.mtime !== undefined) futimesSync(fd, entry.mtime, entry.mtime);
  } finally {
    closeSync(fd);
  }
}

function isTaken(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "EEXIST";
}

/**
 * The open directories from the root down to where files are being written. Entries come a directory before what it holds, depth first,
 * so a directory that is left is not needed again and is closed: as many are open as the tree is deep.
 */
class OpenDirectories implements Disposable {
  readonly #open: { path: string; handle: DirectoryHandle }[] = [];
  constructor(private readonly root: DirectoryHandle) {}

  made(path: string, handle: DirectoryHandle): void {
    this.#open.push({ path, handle });
  }

  /** The directory of this path, or `undefined` when it was not made. */
  enter(path: string): DirectoryHandle | undefined {
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (path === last.path) return last.handle;
      if (path.startsWith(`${last.path}/`)) return undefined;
      last.handle[Symbol.dispose]();
      this.#open.pop();
    }
    return path === "" ? this.root : undefined;
  }

  [Symbol.dispose](): void {
    for (const { handle } of this.#open) handle[Symbol.dispose]();
    this.#open.length = 0;
  }
}
