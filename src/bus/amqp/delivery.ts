import type { Channel, ConsumeMessage } from "amqplib";
import type { OpenChannel } from "./broker-session.js";

/** A message that the broker lent us: it is to be acknowledged, rejected or given back once, on the channel it came by. */
export class Delivery {
  readonly #open: OpenChannel<Channel>;
  #settled = false;

  constructor(
    readonly message: ConsumeMessage,
    readonly queue: string,
    open: OpenChannel<Channel>,
  ) {
    this.#open = open;
  }

  /** Still ours to settle. Once its channel is lost the broker delivers it again, to us or to another. */
  get held(): boolean {
    return !this.#settled && !this.#open.lost.aborted;
  }

  /** It is done with. */
  ack(): void {
    this.#settle(() => this.#open.channel.ack(this.message));
  }

  /** Nobody can read it: it is dropped, or goes where the queue's dead letters go. */
  reject(): void {
    this.#settle(() => this.#open.channel.reject(this.message, false));
  }

  /** Another may have it, or we again. */
  requeue(): void {
    this.#settle(() => this.#open.channel.reject(this.message, true));
  }

  /** A second settlement would close the channel (406), so only the first counts. */
  #settle(how: () => void): void {
    if (!this.held) return;
    this.#settled = true;
    how();
  }
}
