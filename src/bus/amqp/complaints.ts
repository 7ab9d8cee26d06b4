import type { Clock, Logger } from "../ports.js";
import type { ConnectFailure } from "./connect-failure.js";

/** A broker that is still away is worth one line in so many milliseconds, however often it is tried. */
const REPEAT_AFTER_MS = 60_000;

/** Says why brokers cannot be used: each refusal as it comes, one that stays the same address and silence only once a minute. */
export class Complaints {
  readonly #said = new Map<string, { text: string; at: number }>();
  constructor(private readonly ports: { readonly logger: Logger; readonly clock: Clock }) {}

  say(failure: ConnectFailure): void {
    const at = this.ports.clock.now();
    const last = this.#said.get(failure.address);
    const repeated = last?.text === failure.message && at - last.at < REPEAT_AFTER_MS;
    if (failure.kind === "unreachable" && repeated) return;
    this.#said.set(failure.address, { text: failure.message, at });
    const fields = { broker: failure.address, kind: failure.kind };
    this.ports.logger.warn(fields, `cannot use the message bus: ${failure.message}`);
  }

  forget(): void {
    this.#said.clear();
  }
}
