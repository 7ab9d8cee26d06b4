import { untilAborted } from "./wait.js";

/** Lets work on the same key run one at a time, in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the work when its turn has come. Refusals: DEADLINE_EXCEEDED, CANCELLED while waiting, and the work's own. */
  async take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const { promise: after, resolve: done } = Promise.withResolvers<void>();
    const mine = before.then(() => after);
    this.#last.set(key, mine);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      done();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
