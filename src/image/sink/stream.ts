import type { ImagePlan } from "../plan.js";
import { imageRuns } from "./runs.js";
import { borrowStaging } from "./staging-pool.js";

/** Zeros of a hole are given in chunks of this size. */
const HOLE_CHUNK = 1 << 16;

/**
 * The image as a stream of chunks, at most 1 MiB each, for a pipe, a socket or an upload.
 * A chunk may be kept but not changed: large ones are the callers' own buffers.
 */
export async function* imageStream(plan: ImagePlan, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  using staging = borrowStaging();
  const zeros = new Uint8Array(HOLE_CHUNK);
  for await (const run of imageRuns(plan, staging.buffer, signal)) {
    if (run.bytes !== undefined) {
      yield run.staged ? new Uint8Array(run.bytes) : run.bytes;
      continue;
    }
    for (let left = run.length; left > 0; left -= HOLE_CHUNK) {
      signal?.throwIfAborted();
      yield left < HOLE_CHUNK ? zeros.subarray(0, left) : zeros;
    }
  }
}
