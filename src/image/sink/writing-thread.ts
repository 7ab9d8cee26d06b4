import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Failure, PlacedFile, Shared } from "./placing.js";

// The thread behind placing.ts. It imports nothing of ours, so that it runs as it stands: in tests nobody compiles it.
const { bytes, orders, steps, cancelled, port }: Shared = workerData;

for (let order = 1; ; order = (order + 1) | 0) {
  Atomics.wait(orders, 0, (order - 1) | 0);
  const received: { message: PlacedFile } | undefined = receiveMessageOnPort(port);
  try {
    if (received !== undefined) place(received.message, order);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    port.postMessage({ code, message: String(error) } satisfies Failure);
  }
  reach(2 * order);
}

/** What `writeImage` (file.ts) does in the same order, by blocking calls. */
function place({ path, directory, partial, size, stretches, mode, sync }: PlacedFile, order: number): void {
  const file = openSync(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      for (const [start, end] of stretches) writeFully(file, start, end);
      if ((stretches.at(-1)?.[1] ?? 0) < size) ftruncateSync(file, size);
      if (mode !== undefined) fchmodSync(file, mode);
      reach(2 * order - 1);
      if (sync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (Atomics.load(cancelled, 0) === order) throw Object.assign(new Error("cancelled"), { code: "ECANCELED" });
    renameSync(partial, path);
    if (sync) syncDirectory(directory);
  } catch (error) {
    remove(partial);
    throw error;
  }
}

function writeFully(file: number, start: number, end: number): void {
  for (let done = start; done < end; ) done += writeSync(file, bytes, done, end - done, done);
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

function reach(step: number): void {
  Atomics.store(steps, 0, step | 0);
  Atomics.notify(steps, 0);
}
