import type { FileHandle } from "node:fs/promises";
import { Refusal } from "#drive/refusal.js";
import { DigestMismatch } from "#image/sink/errors.js";

/** A name inside an open folder, whatever happens to the folder's path meanwhile. */
export function below(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${folder.fd}/${name}`;
}

/** For what may not be there. */
export function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

/** For what may be there already. */
export function unlessThere(error: unknown): undefined {
  if (codeOf(error) !== "EEXIST") throw error;
}

/** Does something with files; what the system says against it is a refusal: STORAGE_FULL, STORAGE_FAILED. */
export async function refusing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DigestMismatch) throw new Refusal("STORAGE_FAILED", `cannot ${what}: ${error.message}`);
    const code = codeOf(error);
    if (code === undefined || code === "ABORT_ERR") throw error;
    const full = code === "ENOSPC" || code === "EDQUOT";
    throw new Refusal(full ? "STORAGE_FULL" : "STORAGE_FAILED", `cannot ${what}: ${code}`, { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
