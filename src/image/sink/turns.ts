import { setImmediate } from "node:timers/promises";

/** Hashing so much takes a few milliseconds; then other work of the process gets a turn. */
const TURN_BYTES = 4 << 20;

/** Gives way between stretches of work that never waits by itself. */
export class Turns {
  #bytes = 0;
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether it is time to give way, after that many more bytes. */
  isDue(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes >= TURN_BYTES;
  }

  /** @throws the signal's reason */
  async giveWay(): Promise<void> {
    this.#bytes = 0;
    await setImmediate();
    this.#signal?.throwIfAborted();
  }
}
