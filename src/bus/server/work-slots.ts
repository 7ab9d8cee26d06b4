import { InFlight } from "./in-flight.js";

/**
 * Starts work as slots come free, first come first served. It bounds what runs; what waits is bounded by what the broker may lend us
 * unacknowledged (prefetch).
 */
export class WorkSlots<Work> {
  readonly #waiting: Work[] = [];
  readonly #running = new InFlight();
  #stopped = false;

  /**
   * @param limit how much may run at once
   * @param mayStart a further condition; call `fill` when it may have come true
   * @param start begins the work and calls `done` when it ended; must not throw
   */
  constructor(
    private readonly limit: number,
    private readonly mayStart: () => boolean,
    private readonly start: (work: Work, done: () => void) => void,
  ) {}

  get running(): number {
    return this.#running.count;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  offer(work: Work): void {
    this.#waiting.push(work);
    this.fill();
  }

  /** Starts what there is room for. */
  fill(): void {
    while (!this.#stopped && this.#waiting.length > 0 && this.#running.count < this.limit && this.mayStart()) {
      const next = this.#waiting.shift()!;
      this.#running.enter();
      this.start(next, this.#done);
    }
  }

  /** Starts nothing further, and hands out what still waits. */
  stop(): Work[] {
    this.#stopped = true;
    return this.#waiting.splice(0);
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  readonly #done = (): void => {
    this.#running.leave();
    this.fill();
  };
}
