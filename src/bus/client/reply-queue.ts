import type { BusConnection } from "../amqp/bus-connection.js";
import type { Delivery } from "../amqp/delivery.js";
import { consumeArguments, replyQueue } from "../amqp/oslo-topology.js";
import { QueueConsumers } from "../amqp/queue-consumers.js";
import type { Clock, Logger } from "../ports.js";
import { decodeMessage } from "../wire/message.js";
import type { RabbitOptions } from "../wire/options.js";
import { decodeReply } from "../wire/reply.js";
import type { WaitingCalls } from "./waiting-calls.js";

export interface ReplyQueueSetup {
  readonly connection: BusConnection;
  readonly options: RabbitOptions;
  /** What follows `reply_`: 32 hexadecimal digits, or a name from the queue manager. */
  readonly suffix: string;
  readonly calls: WaitingCalls;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The one queue on which a process awaits the replies to all its calls (wire §6.1, §16.2). It keeps its name for life and is declared
 * and consumed again after every loss, so that servers that still hold a reply find it.
 */
export class ReplyQueue {
  readonly name: string;
  readonly #consumers: QueueConsumers;
  readonly #setup: ReplyQueueSetup;
  #isReady = false;

  constructor(setup: ReplyQueueSetup) {
    const { connection, options, logger, clock } = setup;
    this.#setup = setup;
    const declaration = replyQueue(setup.suffix, options);
    this.name = declaration.name;
    this.#consumers = new QueueConsumers({
      ...{ connection, logger, clock },
      queues: [{ declaration }],
      consumeArguments: consumeArguments(options),
      prefetch: options.rabbit_qos_prefetch_count,
      onDelivery: (delivery) => this.#receive(delivery),
    });
  }

  /** Begins to consume, and resolves once the queue is there: before that no call may be published. @throws the signal's reason */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#isReady) return;
    this.#consumers.start();
    await this.#consumers.ready(signal);
    this.#isReady = true;
  }

  /** Stops consuming. The queue stays and expires by itself, as Python leaves it (wire §3). */
  close(): Promise<void> {
    return this.#consumers.close();
  }

  /** A reply is acknowledged as it comes; one that cannot be read is dropped (wire §10). */
  #receive(delivery: Delivery): void {
    const { calls, logger } = this.#setup;
    const { content, properties } = delivery.message;
    try {
      const reply = decodeReply(decodeMessage(content, properties));
      delivery.ack();
      if (!calls.settle(reply))
        logger.debug({ msgId: reply.msgId, ending: reply.ending }, "no call waits for this reply");
    } catch (error) {
      delivery.reject();
      logger.warn({ err: error, queue: delivery.queue }, "dropped a reply that cannot be read");
    }
  }
}
