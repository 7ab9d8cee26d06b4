import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Wait } from "#drive/hypervisor.js";
import { SourceFailure } from "./source-failure.js";

const CHUNK = 1024 * 1024;

/**
 * Opens a file below a folder without following a single link on the way: each part is opened in the directory that was opened before
 * it (`/proc/self/fd`, proc(5)), so that nobody can swap a part for a link in between.
 */
async function openBelow(folder: string, parts: readonly string[]): Promise<FileHandle> {
  let at = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const [index, part] of parts.entries()) {
    const kind = index === parts.length - 1 ? constants.O_NONBLOCK : constants.O_DIRECTORY;
    const above = at;
    try {
      at = await open(`/proc/self/fd/${above.fd}/${part}`, constants.O_RDONLY | constants.O_NOFOLLOW | kind);
    } finally {
      await above.close();
    }
  }
  return at;
}

/** The folder that a path lies below, and the parts from there on; `undefined` when no folder is above it. */
function place(path: string, folders: readonly string[]): { folder: string; parts: string[] } | undefined {
  for (const configured of folders) {
    const folder = resolve(configured);
    const below = folder === sep ? sep : `${folder}${sep}`;
    if (path.startsWith(below) && path.length > below.length)
      return { folder, parts: path.slice(below.length).split(sep) };
  }
  return undefined;
}

/** Reads `file:///…` below the folders that the operator named; without any, no file is read. */
export async function* readFileSource(
  url: string,
  folders: readonly string[],
  maxBytes: number,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  const failure = new SourceFailure(url);
  let path: string;
  try {
    path = resolve(fileURLToPath(url));
  } catch (error) {
    throw failure.notAllowed("must be file:/// with an absolute path", error);
  }
  const found = place(path, folders);
  if (found === undefined) throw failure.notAllowed("is not below a folder that [sources] file_folders names");
  const handle = await openBelow(found.folder, found.parts).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ELOOP" || error.code === "ENOTDIR")
      throw failure.notAllowed("must not be, or pass, a link", error);
    if (error.code === "ENOENT") throw failure.notFound("is not there", error);
    throw failure.notFound(`cannot be opened (${error.code ?? error.message})`, error);
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw failure.notAllowed("must be a regular file");
    if (status.size > maxBytes) throw failure.tooLarge(status.size, maxBytes);
    yield* handle.createReadStream({ autoClose: false, highWaterMark: CHUNK, signal: wait.signal });
  } finally {
    await handle.close();
  }
}
