import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Failure, PlacedFile, Shared } from "./placing.js";

// The thread behind placing.ts. It imports nothing of ours, so that it runs as it stands: in tests nobody compiles it.
const { bytes, orders, done, cancelled, port }: Shared = workerData;

for (let order = 1; ; order = (order + 1) | 0) {
  Atomics.wait(orders, 0, (order - 1) | 0);
  const received: { message: PlacedFile } | undefined = receiveMessageOnPort(port);
  try {
    if (received !== undefined) place(received.message, order);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    port.postMessage({ code, message: String(error) } satisfies Failure);
  }
  Atomics.store(done, 0, order);
  Atomics.notify(done, 0);
}

/** What `writeImage` (file.ts) does in the same order, by blocking calls; in a folder of the file's own first that. */
function place(file: PlacedFile, order: number): void {
  const { directory, folder, sync, groupId } = file;
  if (folder === undefined) {
    placeIn(directory, file, order);
    if (sync) syncDirectory(directory);
    return;
  }
  const root = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const own = openFolder(below(root, folder.name), folder.mode, groupId);
    try {
      placeIn(below(own, ""), file, order);
      if (sync) fsyncSync(own);
    } finally {
      closeSync(own);
    }
    // Last: what the others have synced is not waited for again.
    if (sync) fsyncSync(root);
  } finally {
    closeSync(root);
  }
}

/** A name inside an open folder, whatever happens to the folder's path meanwhile. */
function below(folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`;
}

function openFolder(path: string, mode: number, groupId: number | undefined): number {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    admit(folder, mode, groupId);
    return folder;
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

function placeIn(
  directory: string,
  { partial, name, size, stretches, mode, groupId, sync }: PlacedFile,
  order: number,
): void {
  const beside = join(directory, partial);
  const file = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      for (const [start, end] of stretches) writeFully(file, start, end);
      if ((stretches.at(-1)?.[1] ?? 0) < size) ftruncateSync(file, size);
      if (mode !== undefined || groupId !== undefined) admit(file, mode ?? 0o600, groupId);
      if (sync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (Atomics.load(cancelled, 0) === order) throw Object.assign(new Error("cancelled"), { code: "ECANCELED" });
    renameSync(beside, join(directory, name));
  } catch (error) {
    remove(beside);
    throw error;
  }
}

/** Gives a file or folder to whom it is for, where it is not so already. */
function admit(opened: number, mode: number, groupId: number | undefined): void {
  const now = fstatSync(opened);
  if (groupId !== undefined && now.gid !== groupId) fchownSync(opened, now.uid, groupId);
  if ((now.mode & 0o7777) !== mode) fchmodSync(opened, mode);
}

function writeFully(file: number, start: number, end: number): void {
  for (let at = start; at < end; ) at += writeSync(file, bytes, at, end - at, at);
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** It may have its final name already. */
function remove(partial: string): void {
  try {
    unlinkSync(partial);
  } catch {}
}
