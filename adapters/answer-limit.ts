/**
 * How long a backend may take for one answer, and no longer than the caller waits. An attach asks a dozen times: a timer that is cleared takes
 * a tenth of what `AbortSignal.any` over `AbortSignal.timeout` does, whose parts live on until they are collected.
 */
export class AnswerLimit implements Disposable {
  readonly #until = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #passed = false;

  /** @param caller - whose signal ends the wait too, with its own reason */
  constructor(
    private readonly caller: AbortSignal,
    milliseconds: number,
  ) {
    this.#timer = setTimeout(() => {
      this.#passed = true;
      this.#until.abort(new DOMException(`no answer within ${milliseconds} ms`, "TimeoutError"));
    }, milliseconds).unref();
    if (caller.aborted) this.#give();
    else caller.addEventListener("abort", this.#give, { once: true });
  }

  /** Aborted once either has passed. */
  get signal(): AbortSignal {
    return this.#until.signal;
  }

  /** Whether it was the backend's time that ended first. */
  get passed(): boolean {
    return this.#passed;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.caller.removeEventListener("abort", this.#give);
  }

  readonly #give = (): void => this.#until.abort(this.caller.reason);
}
