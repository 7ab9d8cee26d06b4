import type { ImagePlan } from "../plan.js";
import type { ByteSource } from "../tree.js";
import { SourceLengthError } from "./errors.js";

/** A stretch of an image: bytes, or a hole, which is zeros. Runs follow each other without a gap. */
export interface Run {
  readonly offset: number;
  readonly length: number;
  /** Unset for a hole. Good until the next run is asked for. */
  readonly bytes: Uint8Array | undefined;
  /** The bytes stand in the staging buffer, which the next run overwrites. */
  readonly staged: boolean;
}

/** Smaller pieces are copied together: one write and one hash update cost more than the copy. */
const COPIED_BELOW = 1 << 16;
/** Smaller holes become zeros between copied pieces. */
const FILLED_BELOW = 1 << 16;
/** Larger pieces are cut, so that a signal, a progress report and other work come in between. */
const LARGEST = 1 << 20;

/**
 * An image from its first byte to its last, each byte once: large data as the callers' own buffers, what is small
 * collected in `staging`.
 * @throws SourceLengthError, the signal's reason, and whatever a source throws
 */
export async function* imageRuns(plan: ImagePlan, staging: Uint8Array, signal?: AbortSignal): AsyncGenerator<Run> {
  const runs = new RunAssembly(staging);
  for (const { offset, data } of plan.extents) {
    yield* runs.skipTo(offset);
    for await (const chunk of chunksOf(data, signal)) {
      for (let at = 0; at < chunk.length; at += LARGEST) {
        signal?.throwIfAborted();
        yield* runs.add(chunk.length <= LARGEST ? chunk : chunk.subarray(at, at + LARGEST));
      }
    }
  }
  yield* runs.skipTo(plan.size);
  yield* runs.flush();
}

class RunAssembly {
  /** Bytes of the image that were yielded or stand in staging. */
  #end = 0;
  #staged = 0;
  readonly #staging: Uint8Array;

  constructor(staging: Uint8Array) {
    this.#staging = staging;
  }

  *skipTo(offset: number): Generator<Run> {
    const length = offset - this.#end;
    if (length === 0) return;
    if (length < FILLED_BELOW) {
      if (this.#staged + length > this.#staging.length) yield* this.flush();
      this.#staging.fill(0, this.#staged, this.#staged + length);
      this.#staged += length;
    } else {
      yield* this.flush();
      yield { offset: this.#end, length, bytes: undefined, staged: false };
    }
    this.#end = offset;
  }

  *add(bytes: Uint8Array): Generator<Run> {
    if (bytes.length >= COPIED_BELOW) {
      yield* this.flush();
      yield { offset: this.#end, length: bytes.length, bytes, staged: false };
    } else {
      if (this.#staged + bytes.length > this.#staging.length) yield* this.flush();
      this.#staging.set(bytes, this.#staged);
      this.#staged += bytes.length;
    }
    this.#end += bytes.length;
  }

  *flush(): Generator<Run> {
    const length = this.#staged;
    if (length === 0) return;
    this.#staged = 0;
    yield { offset: this.#end - length, length, bytes: this.#staging.subarray(0, length), staged: true };
  }
}

/** The chunks of a source, whose lengths add up to what it said. */
async function* chunksOf(data: ByteSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (data.bytes !== undefined) {
    if (data.bytes.length !== data.size) throw new SourceLengthError(data.size, data.bytes.length);
    yield data.bytes;
    return;
  }
  let received = 0;
  for await (const chunk of data.read(signal)) {
    received += chunk.length;
    if (received > data.size) throw new SourceLengthError(data.size, received);
    yield chunk;
  }
  if (received < data.size) throw new SourceLengthError(data.size, received);
}
