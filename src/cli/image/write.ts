import { basename } from "node:path";
import type { ImagePlan } from "#image/plan.js";
import { type WriteOptions, type WrittenImage, writeImage } from "#image/sink/file.js";
import { Progress } from "./progress.js";

/** Images may hold passwords: only their owner reads them. */
const MODE = 0o600;

/** Writes a planned image with a progress line on a terminal; Ctrl-C leaves nothing half written. */
export async function writeWithProgress(
  plan: ImagePlan,
  path: string,
  options: Pick<WriteOptions, "digest"> & Partial<Pick<WriteOptions, "mode">> = {},
): Promise<WrittenImage> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt);
  try {
    using progress = new Progress(`writing ${basename(path)}`, plan.size);
    const { signal } = interrupted;
    return await writeImage(plan, path, {
      mode: MODE,
      ...options,
      signal,
      onProgress: (done) => progress.at(done),
    });
  } finally {
    process.off("SIGINT", interrupt);
  }
}
