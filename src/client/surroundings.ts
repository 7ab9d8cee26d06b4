import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** What the client takes from the process: tests give it their own. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends after so many milliseconds; rejects with the signal's reason. */
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** From 0 up to, and not, 1. */
  readonly random: () => number;
  readonly newId: () => string;
}

/** The process itself. */
export const PROCESS: Surroundings = {
  now: Date.now,
  wait: async (milliseconds, signal) => {
    signal?.throwIfAborted();
    try {
      await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  random: Math.random,
  newId: randomUUID,
};
