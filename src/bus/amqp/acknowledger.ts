import type { Channel, ConsumeMessage } from "amqplib";

/**
 * Acknowledges the deliveries of one channel. Those of one turn of the event loop go out as one `basic.ack` with `multiple`, as far as no
 * delivery below them is still held; that saves the broker and us a frame for each.
 */
export class Acknowledger {
  /** Tags of deliveries that are not settled; ascending, since the broker counts up. */
  readonly #held = new Set<number>();
  #acknowledged: ConsumeMessage[] = [];

  constructor(private readonly channel: Pick<Channel, "ack" | "reject">) {}

  hold(message: ConsumeMessage): void {
    this.#held.add(message.fields.deliveryTag);
  }

  ack(message: ConsumeMessage): void {
    this.#held.delete(message.fields.deliveryTag);
    this.#acknowledged.push(message);
    if (this.#acknowledged.length === 1) queueMicrotask(() => this.flush());
  }

  reject(message: ConsumeMessage, requeue: boolean): void {
    this.#held.delete(message.fields.deliveryTag);
    this.channel.reject(message, requeue);
  }

  /** Sends what was acknowledged. Nothing is sent on a channel that was lost meanwhile: the broker delivers again. */
  flush(): void {
    const messages = this.#acknowledged;
    if (messages.length === 0) return;
    this.#acknowledged = [];
    const lowestHeld: number = this.#held.values().next().value ?? Number.POSITIVE_INFINITY;
    let last: ConsumeMessage | undefined;
    try {
      for (const message of messages) {
        const tag = message.fields.deliveryTag;
        if (tag > lowestHeld) this.channel.ack(message);
        else if (last === undefined || tag > last.fields.deliveryTag) last = message;
      }
      if (last !== undefined) this.channel.ack(last, true);
    } catch {
      // The channel closed under us.
    }
  }
}
