import type { Hash } from "node:crypto";
import type { Turns } from "./turns.js";

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

/** Lets a digest see a hole. It may be as large as a disk, so others get their turns. */
export async function hashHole(hash: Hash, length: number, turns: Turns): Promise<void> {
  for (let left = length; left > 0; left -= ZEROS.length) {
    const zeros = left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS;
    hash.update(zeros);
    if (turns.isDue(zeros.length)) await turns.giveWay();
  }
}
