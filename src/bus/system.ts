import { randomFillSync } from "node:crypto";
import type { Clock, Ids } from "./ports.js";

/** Wall time that a change of the system clock does not turn back. */
export const systemClock: Clock = {
  now: () => origin + performance.now(),
  after(milliseconds, action) {
    const timeout = setTimeout(action, milliseconds);
    return { stop: () => clearTimeout(timeout) };
  },
};

const origin = performance.timeOrigin;

const ID_BYTES = 16;
/** Chance is drawn for many ids at a time: a call to the generator costs more than the id. */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

export const systemIds: Ids = {
  hex() {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += ID_BYTES;
    return pool.toString("hex", used - ID_BYTES, used);
  },
};
