import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ImagePlan } from "../plan.js";
import { DigestMismatch, writing } from "./errors.js";
import { imageRuns, type Run } from "./runs.js";
import { PRIVATE, writeSmallImage } from "./small-file.js";
import { SparseFile } from "./sparse-file.js";
import { borrowStaging } from "./staging-pool.js";
import { Turns } from "./turns.js";
import { hashHole } from "./zeros.js";

export interface WriteOptions {
  /** Permission bits of the file, whatever the umask. */
  readonly mode: number;
  /** Default true: the file and its name are on disk before the call returns. */
  readonly sync?: boolean;
  /** Default true. Without it, holes cost nothing: a digest must see every zero. */
  readonly digest?: boolean;
  /** What the digest must be: an image that has another one is not put in its place. */
  readonly sha256?: string;
  readonly signal?: AbortSignal;
  /** Told after each write: bytes of the image that are done, and all of them. */
  readonly onProgress?: (done: number, size: number) => void;
}

export interface WrittenImage {
  readonly size: number;
  /** SHA-256 of the whole image in hexadecimal; `undefined` where it was not asked for. */
  readonly sha256: string | undefined;
}

/** An image under way is called `.NAME.<13 hexadecimal digits>.partial`. */
const PARTIAL = /^\..+\.[0-9a-f]{13}\.partial$/;

/** Whether a directory entry is an image that was never finished: its writer is gone if none runs now. */
export function isPartialImage(name: string): boolean {
  return PARTIAL.test(name);
}

/** The name of an image under way. It differs from all others; nothing else hangs on the number, since O_EXCL takes no name that is there. */
export function partialName(name: string): string {
  const number = Math.floor(Math.random() * 2 ** 52);
  return `.${name}.${number.toString(16).padStart(13, "0")}.partial`;
}

/**
 * Writes an image beside its place and renames it there: no reader ever sees half of it, and a file that stood there
 * is replaced whole. Zeros become holes. Whatever fails, nothing new is left behind.
 * @throws ImageWriteError for the file system's refusals, SourceLengthError, DigestMismatch, the signal's reason, a source's own error
 */
export async function writeImage(plan: ImagePlan, path: string, options: WriteOptions): Promise<WrittenImage> {
  options.signal?.throwIfAborted();
  const directory = dirname(path);
  const place = { directory, name: basename(path), partial: partialName(basename(path)) };
  const small = await writeSmallImage(plan, place, options);
  if (small !== undefined) return small;
  const partial = join(directory, place.partial);
  const mode = options.mode === PRIVATE ? undefined : options.mode;
  // O_EXCL follows no link (open(2)), and nobody else may read before the mode is set.
  const file = await writing(path, open(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE));
  try {
    let sha256: string | undefined;
    try {
      sha256 = await writeRuns(plan, file, path, mode, options);
    } finally {
      await writing(path, file.close());
    }
    options.signal?.throwIfAborted();
    if (options.sha256 !== undefined && sha256 !== options.sha256) throw new DigestMismatch(options.sha256, sha256);
    await writing(path, rename(partial, path));
    if (options.sync !== false) await writing(path, syncDirectory(directory));
    return { size: plan.size, sha256 };
  } catch (error) {
    await unlink(partial).catch(() => {});
    throw error;
  }
}

/** Writes all of the image, with size, mode and sync. @returns the digest, if asked for */
async function writeRuns(
  plan: ImagePlan,
  file: FileHandle,
  path: string,
  mode: number | undefined,
  options: WriteOptions,
): Promise<string | undefined> {
  using staging = borrowStaging();
  const hash = options.digest === false ? undefined : createHash("sha256");
  const turns = new Turns(options.signal);
  const sparse = new SparseFile(file);
  const put = async ({ offset, length, bytes }: Run): Promise<void> => {
    if (bytes !== undefined) await sparse.write(bytes, offset);
    if (offset + length === plan.size) await sparse.finish(plan.size, mode, options.sync !== false);
  };
  for await (const run of imageRuns(plan, staging.buffer, options.signal)) {
    const written = writing(path, put(run));
    try {
      // Meanwhile other threads write, and at the end sync.
      if (run.bytes !== undefined) hash?.update(run.bytes);
      else if (hash !== undefined) await hashHole(hash, run.length, turns);
    } finally {
      await written;
    }
    options.onProgress?.(run.offset + run.length, plan.size);
  }
  if (plan.size === 0) await writing(path, sparse.finish(0, mode, options.sync !== false));
  return hash?.digest("hex");
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
