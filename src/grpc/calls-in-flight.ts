import { Refusal } from "#drive/refusal.js";

/** The calls that are being carried out, so that a stop can wait for them, and in the end cut them short. */
export class CallsInFlight {
  readonly #calls = new Set<Promise<void>>();
  readonly #cut = new AbortController();
  readonly #closing = new AbortController();

  /** No new call is to be taken. */
  get draining(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Aborts when no new call is to be taken: what never ends by itself ends then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Aborts when calls are waited for no longer. */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  /** Remembers a call until it is over. It must not reject. */
  track(call: Promise<void>): void {
    this.#calls.add(call);
    call.finally(() => this.#calls.delete(call));
  }

  /** Takes no more calls, and resolves when those under way are over. */
  async drain(): Promise<void> {
    this.#closing.abort(new Refusal("SHUTTING_DOWN", "the service is stopping and takes no new calls"));
    while (this.#calls.size > 0) await Promise.all(this.#calls);
  }

  /** Ends the waits of the calls that are left. */
  cut(): void {
    this.#cut.abort(new Refusal("SHUTTING_DOWN", "the service stops; the operation is taken up again when it starts"));
  }
}
