import { setTimeout as pause } from "node:timers/promises";

/** Something done again and again until it is stopped. */
export interface Repeated {
  /** Does not wait for the end of the pause; asked while a turn runs, the next one follows at once. */
  soon(): void;
  /** Ends the waits, aborts what is under way, and resolves when it is over. */
  stop(): Promise<void>;
}

/** Does the work every so many milliseconds, the first time after one pause; two turns never overlap. It must not reject. */
export function repeat(everyMs: number, work: (signal: AbortSignal) => Promise<void>): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  let waking = new AbortController();
  const run = async () => {
    while (!signal.aborted) {
      const until = AbortSignal.any([signal, waking.signal]);
      await pause(everyMs, undefined, { signal: until }).catch(() => undefined);
      waking = new AbortController();
      if (!signal.aborted) await work(signal);
    }
  };
  const running = run();
  return {
    soon() {
      waking.abort();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
