/** How often something may happen. */
export interface Rate {
  /** In the long run; infinity: any number, and nothing is counted. */
  readonly perSecond: number;
  /** What may come at once after a silence. */
  readonly atOnce: number;
}

interface Bucket {
  /** What might come at once; below 0 for what came in advance. */
  readonly level: number;
  /** When that was so, in milliseconds. */
  readonly at: number;
}

/** Less than this is no debt, but what is lost in fractions: whoever waited as long as they were told is let in. */
const ROUNDING = 1e-6;

/** Most keys that are remembered, so that nobody fills the memory with names that they make up. */
const MOST_BUCKETS = 10_000;

/**
 * A token bucket for each key. A bucket may go into debt: what is known only after it came is paid off before more may come.
 * A full bucket is as good as none, so only those in use are kept.
 */
export class TokenBuckets {
  /** Those used last are last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private rate: Rate,
    private readonly now: () => number,
  ) {}

  /** Another rate counts from now on; debts stay. */
  exchange(rate: Rate): void {
    for (const key of this.#buckets.keys()) this.#buckets.set(key, { level: this.#levelOf(key), at: this.now() });
    this.rate = rate;
  }

  /** How long until `amount` may come (all that ever may at once, where that is less), in milliseconds; 0: now. */
  waitFor(key: string, amount: number): number {
    const { perSecond, atOnce } = this.rate;
    if (perSecond === Number.POSITIVE_INFINITY) return 0;
    const missing = Math.min(amount, atOnce) - this.#levelOf(key);
    return missing <= ROUNDING ? 0 : Math.ceil((missing / perSecond) * 1000 - ROUNDING);
  }

  /** Takes what came, whether it might or not. */
  take(key: string, amount: number): void {
    if (this.rate.perSecond === Number.POSITIVE_INFINITY) return;
    const level = this.#levelOf(key) - amount;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, at: this.now() });
    if (this.#buckets.size > MOST_BUCKETS) this.#makeRoom();
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #levelOf(key: string): number {
    const { perSecond, atOnce } = this.rate;
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return atOnce;
    return Math.min(atOnce, bucket.level + ((this.now() - bucket.at) / 1000) * perSecond);
  }

  /** Forgets full buckets, and where that is not enough the half that was used longest ago. */
  #makeRoom(): void {
    for (const key of this.#buckets.keys()) {
      if (this.#levelOf(key) >= this.rate.atOnce) this.#buckets.delete(key);
    }
    if (this.#buckets.size <= MOST_BUCKETS) return;
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_BUCKETS / 2) return;
      this.#buckets.delete(key);
    }
  }
}
