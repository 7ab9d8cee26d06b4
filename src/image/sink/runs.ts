import type { ImagePlan } from "../plan.js";
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
    for (const run of runs.skipTo(offset)) yield run;
    // What is in memory passes without a wait: most images are small and have nothing else.
    if (data.bytes !== undefined) {
      checkLength(data.size, data.bytes.length);
      for (const run of runs.add(data.bytes, signal)) yield run;
      continue;
    }
    let received = 0;
    for await (const chunk of data.read(signal)) {
      received += chunk.length;
      if (received > data.size) throw new SourceLengthError(data.size, received);
      for (const run of runs.add(chunk, signal)) yield run;
    }
    checkLength(data.size, received);
  }
  for (const run of runs.skipTo(plan.size)) yield run;
  for (const run of runs.flush()) yield run;
}

/** @throws SourceLengthError */
export function checkLength(expected: number, received: number): void {
  if (received !== expected) throw new SourceLengthError(expected, received);
}

/** Bytes between the end of what came before and an extent. @throws RangeError where they overlap */
export function gapBefore(offset: number, end: number): number {
  if (offset < end) throw new RangeError(`an extent at ${offset} begins before the end of another, ${end}`);
  return offset - end;
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
    const length = gapBefore(offset, this.#end);
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

  *add(bytes: Uint8Array, signal: AbortSignal | undefined): Generator<Run> {
    signal?.throwIfAborted();
    if (bytes.length < COPIED_BELOW) {
      if (this.#staged + bytes.length > this.#staging.length) yield* this.flush();
      this.#staging.set(bytes, this.#staged);
      this.#staged += bytes.length;
      this.#end += bytes.length;
      return;
    }
    yield* this.flush();
    for (let at = 0; at < bytes.length; at += LARGEST) {
      signal?.throwIfAborted();
      const piece = bytes.length <= LARGEST ? bytes : bytes.subarray(at, at + LARGEST);
      yield { offset: this.#end, length: piece.length, bytes: piece, staged: false };
      this.#end += piece.length;
    }
  }

  *flush(): Generator<Run> {
    const length = this.#staged;
    if (length === 0) return;
    this.#staged = 0;
    yield { offset: this.#end - length, length, bytes: this.#staging.subarray(0, length), staged: true };
  }
}
