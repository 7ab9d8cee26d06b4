import type { Random } from "../ports.js";
import type { ConnectFailureKind } from "./connect-failure.js";

/** Milliseconds, from `rabbit_retry_interval`, `rabbit_retry_backoff` and `rabbit_interval_max`. */
export interface BackOffSettings {
  readonly startMs: number;
  readonly stepMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after all hosts failed.
 *
 * A broker that answers and refuses is asked ever more rarely. One that nobody answers for costs nothing to try, and must be found
 * soon after it is back, so it is tried at the first interval for ever. A fifth of chance keeps a fleet from knocking at once.
 */
export class BackOff {
  #refusals = 0;
  constructor(
    private readonly settings: BackOffSettings,
    private readonly random: Random,
  ) {}

  next(kind: ConnectFailureKind): number {
    const { startMs, stepMs, maxMs } = this.settings;
    const steps = kind === "unreachable" ? 0 : this.#refusals++;
    const delay = Math.min(startMs + steps * stepMs, Math.max(startMs, maxMs));
    return delay * (0.8 + 0.2 * this.random());
  }

  reset(): void {
    this.#refusals = 0;
  }
}
