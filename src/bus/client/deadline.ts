import type { Clock, Timer } from "../ports.js";

/** Timers reach no further than this, 24 days; nobody waits as long. */
const longestMs = 2 ** 31 - 1;

/** A signal that aborts at a moment, or before when another signal does. Stops its timer when disposed. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort = (): void => this.#controller.abort(this.#outer?.reason);
  /** Milliseconds since the epoch. */
  readonly at: number;

  /**
   * @param reason what the signal's reason is when the time is up
   * @param outer ends it too, with its own reason
   * @param onDispose hears that nobody needs it any more
   */
  constructor(
    clock: Clock,
    milliseconds: number,
    reason: () => Error,
    outer?: AbortSignal,
    private readonly onDispose: () => void = () => undefined,
  ) {
    this.at = clock.now() + milliseconds;
    this.#timer = clock.after(Math.min(milliseconds, longestMs), () => this.#controller.abort(reason()));
    this.#outer = outer;
    if (outer?.aborted === true) this.#onOuterAbort();
    else outer?.addEventListener("abort", this.#onOuterAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts now: whatever still runs under this deadline is of no use any more. */
  end(reason: Error): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#timer.stop();
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
    this.onDispose();
  }
}
