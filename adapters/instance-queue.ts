import { refusalFromSignal } from "./wait-ended.js";

/** Lets one piece of work at a time use an instance, in the order of asking; instances do not wait for one another. */
export class InstanceQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the work when its turn has come. A wait that ends before that refuses, and does not hold up those behind it. */
  async run<T>(instanceId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(instanceId) ?? Promise.resolve();
    const done = Promise.withResolvers<void>();
    const mine = before.then(() => done.promise);
    this.#last.set(instanceId, mine);
    void mine.then(() => {
      if (this.#last.get(instanceId) === mine) this.#last.delete(instanceId);
    });
    const given = Promise.withResolvers<never>();
    const abort = () => given.reject(refusalFromSignal(signal, `waiting for other work on instance ${instanceId}`));
    try {
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
      await Promise.race([given.promise, before]);
      return await work();
    } finally {
      signal.removeEventListener("abort", abort);
      done.resolve();
    }
  }

  /** Resolves once nothing is under way or waiting. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
