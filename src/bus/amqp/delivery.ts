import type { ConsumeMessage } from "amqplib";
import type { Acknowledger } from "./acknowledger.js";

/** A message that the broker lent us: it is to be acknowledged, rejected or given back once, on the channel it came by. */
export class Delivery {
  readonly #acknowledger: Acknowledger;
  readonly #lost: AbortSignal;
  #settled = false;

  /** @param lost aborts when the channel it came by is gone */
  constructor(
    readonly message: ConsumeMessage,
    readonly queue: string,
    acknowledger: Acknowledger,
    lost: AbortSignal,
  ) {
    this.#acknowledger = acknowledger;
    this.#lost = lost;
    acknowledger.hold(message);
  }

  /** Still ours to settle. Once its channel is lost the broker delivers it again, to us or to another. */
  get held(): boolean {
    return !this.#settled && !this.#lost.aborted;
  }

  /** It is done with. */
  ack(): void {
    if (this.#settle()) this.#acknowledger.ack(this.message);
  }

  /** Nobody can read it: it is dropped, or goes where the queue's dead letters go. */
  reject(): void {
    if (this.#settle()) this.#acknowledger.reject(this.message, false);
  }

  /** Another may have it, or we again. */
  requeue(): void {
    if (this.#settle()) this.#acknowledger.reject(this.message, true);
  }

  /** A second settlement would close the channel (406), so only the first counts. */
  #settle(): boolean {
    const first = this.held;
    this.#settled = true;
    return first;
  }
}
