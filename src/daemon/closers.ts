type Close = () => unknown;

/**
 * What has to be closed, last opened first, as the language's AsyncDisposableStack has it, which Node.js 22 lacks. Everything
 * is closed whatever fails; the failures are thrown together.
 */
export class Closers implements AsyncDisposable {
  #closers: Close[] = [];

  /** Closes this too. */
  defer(close: Close): void {
    this.#closers.push(close);
  }

  /** Takes over something that closes itself, and gives it back. */
  use<T extends AsyncDisposable>(opened: T): T {
    this.defer(() => opened[Symbol.asyncDispose]());
    return opened;
  }

  /** Takes over something that is closed so, and gives it back. */
  adopt<T>(opened: T, close: (opened: T) => unknown): T {
    this.defer(() => close(opened));
    return opened;
  }

  /** Hands everything over to a new one: this one closes nothing any more. */
  move(): Closers {
    const other = new Closers();
    other.#closers = this.#closers.splice(0);
    return other;
  }

  /** @throws the failure, or an AggregateError of several */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several parts could not be closed");
  }
}
