import { randomUUID } from "node:crypto";
import type { Clock, Ids } from "./ports.js";

/** Wall time that a change of the system clock does not turn back. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, action) {
    const timeout = setTimeout(action, milliseconds);
    return { stop: () => clearTimeout(timeout) };
  },
};

export const systemIds: Ids = {
  hex: () => randomUUID().replaceAll("-", ""),
};
