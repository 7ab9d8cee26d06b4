import type { Clock, Timer } from "./ports.js";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly action: () => void }>();

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, action: () => void): Timer {
    const timer = { at: this.#now + milliseconds, action };
    this.#timers.add(timer);
    return { stop: () => this.#timers.delete(timer) };
  }

  /** Timers that have not run and were not stopped. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on, running what falls due in order, and lets what that set off come to rest. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.action();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

/** Ends after every promise that could settle without further ado has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
