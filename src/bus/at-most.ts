import type { Clock } from "./ports.js";

/** Waits for the promise, but no longer than so many milliseconds: for partings, where the other side may be gone. Never rejects. */
export function atMost(clock: Clock, milliseconds: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(milliseconds, resolve);
    const end = (): void => {
      timer.stop();
      resolve();
    };
    promise.then(end, end);
  });
}
