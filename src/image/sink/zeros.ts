import type { Hash } from "node:crypto";

/** Never written to, never handed out. */
const ZEROS: Uint8Array = Buffer.alloc(1 << 20);

/** Stretches of zeros are looked for in steps of this size: a smaller hole saves little and costs a write. */
const STEP = 1 << 16;

/** The stretches of a buffer that are not zero, as start and end. Data costs next to nothing: its first bytes decide. */
export function* dataStretches(bytes: Uint8Array): Generator<readonly [start: number, end: number]> {
  let start = 0;
  let at = 0;
  for (; at < bytes.length; at += STEP) {
    const step = bytes.subarray(at, at + STEP);
    if (step.length < STEP || Buffer.compare(step, ZEROS.subarray(0, STEP)) !== 0) continue;
    if (start < at) yield [start, at];
    start = at + STEP;
  }
  if (start < bytes.length) yield [start, bytes.length];
}

/** Lets a digest see that many zero bytes. */
export function hashZeros(hash: Hash, length: number): void {
  for (let left = length; left > 0; left -= ZEROS.length) {
    hash.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
  }
}
