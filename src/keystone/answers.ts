import { createHash } from "node:crypto";

/** A token's digest: what it is remembered and logged by, since the token itself is a secret. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

interface Known<T> {
  readonly answer: Promise<T>;
  /** Until when it is believed; infinite while it is awaited. */
  until: number;
}

/**
 * Answers by key, each believed for a time; of several who ask for the same, one is sent out. Holds so many answers at most: the oldest
 * gives way. What fails is not remembered.
 */
export class Answers<T> {
  readonly #known = new Map<string, Known<T>>();

  constructor(
    private readonly most: number,
    private readonly now: () => number,
  ) {}

  /** @param untilOf - until when an answer is believed, in milliseconds since 1970 */
  async get(key: string, ask: () => Promise<T>, untilOf: (answer: T) => number): Promise<T> {
    const before = this.#known.get(key);
    if (before !== undefined && this.now() < before.until) return await before.answer;
    const known: Known<T> = { answer: ask(), until: Number.POSITIVE_INFINITY };
    // Set anew, so that it is the youngest.
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > this.most) this.#known.delete(this.#known.keys().next().value ?? "");
    try {
      const answer = await known.answer;
      known.until = untilOf(answer);
      return answer;
    } catch (error) {
      if (this.#known.get(key) === known) this.#known.delete(key);
      throw error;
    }
  }
}
