import { createHash } from "node:crypto";
import type { ImagePlan } from "../plan.js";
import { imageRuns } from "./runs.js";
import { borrowStaging } from "./staging-pool.js";

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Told before each chunk is given: bytes of the image up to its end, and all of them. */
  readonly onProgress?: (done: number, size: number) => void;
  /** Told the SHA-256 of the whole image, in hexadecimal, once all of it was taken. */
  readonly onDigest?: (sha256: string) => void;
}

/** Zeros of a hole are given in chunks of this size. */
const HOLE_CHUNK = 1 << 16;

/**
 * The image as a stream of chunks, at most 1 MiB each, for a pipe, a socket or an upload.
 * A chunk may be kept but not changed: large ones are the callers' own buffers.
 * @throws SourceLengthError, the signal's reason, and whatever a source throws
 */
export async function* imageStream(plan: ImagePlan, options: StreamOptions = {}): AsyncGenerator<Uint8Array> {
  using staging = borrowStaging();
  const hash = options.onDigest === undefined ? undefined : createHash("sha256");
  const zeros = new Uint8Array(HOLE_CHUNK);
  for await (const { offset, length, bytes, staged } of imageRuns(plan, staging.buffer, options.signal)) {
    if (bytes !== undefined) {
      hash?.update(bytes);
      options.onProgress?.(offset + length, plan.size);
      yield staged ? new Uint8Array(bytes) : bytes;
      continue;
    }
    for (let done = 0; done < length; done += HOLE_CHUNK) {
      options.signal?.throwIfAborted();
      const chunk = length - done < HOLE_CHUNK ? zeros.subarray(0, length - done) : zeros;
      hash?.update(chunk);
      options.onProgress?.(offset + done + chunk.length, plan.size);
      yield chunk;
    }
  }
  if (hash !== undefined) options.onDigest?.(hash.digest("hex"));
}
