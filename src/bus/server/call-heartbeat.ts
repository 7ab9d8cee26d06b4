import type { Json } from "../json.js";
import type { Clock, Timer } from "../ports.js";
import { isTruthy } from "../wire/python-truth.js";

/**
 * Milliseconds between two heartbeats of a monitored call: half the caller's patience, which is whole seconds (wire §8).
 * Undefined when the caller asked for none, or for less than two seconds, or not for a number.
 */
export function heartbeatIntervalMs(monitorTimeout: Json | undefined): number | undefined {
  if (!isTruthy(monitorTimeout)) return undefined;
  const seconds = wholeSeconds(monitorTimeout);
  return seconds !== undefined && seconds >= 2 ? (seconds * 1000) / 2 : undefined;
}

/** What Python's `int()` makes of it. */
function wholeSeconds(value: Json | undefined): number | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === "string" && /^\s*[+-]?\d{1,9}\s*$/.test(value)) return Number(value);
  return undefined;
}

/** The longest that a timer can be set to. */
const LONGEST_MS = 2 ** 31 - 1;

/** Tells a caller, again and again, that its method still runs; ends when told, or when nobody is there to hear it. */
export class CallHeartbeat {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #beating = false;

  /** @param beat sends one; resolves to false when there is nobody to send it to. Must not reject. */
  constructor(intervalMs: number, beat: () => Promise<boolean>, clock: Clock) {
    this.#clock = clock;
    this.#schedule(Math.min(intervalMs, LONGEST_MS), beat);
  }

  stop(): void {
    this.#timer?.stop();
  }

  #schedule(intervalMs: number, beat: () => Promise<boolean>): void {
    this.#timer = this.#clock.after(intervalMs, () => {
      this.#schedule(intervalMs, beat);
      if (!this.#beating) void this.#beat(beat);
    });
  }

  /** One at a time: while the broker is away there is nobody to hear more than one. */
  async #beat(beat: () => Promise<boolean>): Promise<void> {
    this.#beating = true;
    const heard = await beat();
    this.#beating = false;
    if (!heard) this.stop();
  }
}
