import type { Clock } from "../ports.js";

const KEPT_MS = 60_000;
const KEPT_AT_MOST = 200;

/** Reply queues that stayed missing: what is meant for them is dropped at once for a minute (wire §6.2). */
export class LostReplyQueues {
  readonly #until = new Map<string, number>();
  constructor(private readonly clock: Clock) {}

  add(queue: string): void {
    this.#until.delete(queue);
    this.#until.set(queue, this.clock.now() + KEPT_MS);
    if (this.#until.size <= KEPT_AT_MOST) return;
    const oldest = this.#until.keys().next();
    if (oldest.done !== true) this.#until.delete(oldest.value);
  }

  has(queue: string): boolean {
    if (this.#until.size === 0) return false;
    const until = this.#until.get(queue);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.#until.delete(queue);
    return false;
  }
}
