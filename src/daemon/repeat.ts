import { setTimeout as pause } from "node:timers/promises";

/** Something done again and again until it is stopped. */
export interface Repeated {
  /** Ends the waits, aborts what is under way, and resolves when it is over. */
  stop(): Promise<void>;
}

/** Does the work every so many milliseconds, the first time after one pause; two turns never overlap. It must not reject. */
export function repeat(everyMs: number, work: (signal: AbortSignal) => Promise<void>): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await work(signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
