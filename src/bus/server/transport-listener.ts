import { consumeArguments, controlExchange, fanoutQueue, sharedQueue } from "../amqp/oslo-topology.js";
import { Publisher } from "../amqp/publisher.js";
import { type ConsumedQueue, QueueConsumers } from "../amqp/queue-consumers.js";
import { StreamPosition } from "../amqp/stream-position.js";
import type { Clock, Ids, Logger } from "../ports.js";
import { bodyFormat } from "../wire/body-format.js";
import { ReplySender } from "./reply-sender.js";
import type { Arrival } from "./request-runner.js";
import type { RpcServerSetup, ServerTransport } from "./rpc-server.js";
import type { WorkSlots } from "./work-slots.js";

/** The server's ears and voice on one transport: its three queues, and its replies. */
export class TransportListener {
  readonly replies: ReplySender;
  readonly #transport: ServerTransport;
  readonly #ports: { readonly logger: Logger; readonly clock: Clock; readonly ids: Ids };
  readonly #consumers: QueueConsumers;
  readonly #publisher: Publisher;
  readonly #fanout: ConsumedQueue;

  constructor(transport: ServerTransport, setup: RpcServerSetup, slots: WorkSlots<Arrival>) {
    const { connection, options } = transport;
    const { logger, clock, ids } = setup;
    this.#transport = transport;
    this.#ports = { logger, clock, ids };
    this.#publisher = new Publisher(connection, this.#ports);
    this.replies = this.#replySender(slots);
    this.#fanout = {
      declaration: fanoutQueue(setup.topic, transport.names?.next() ?? ids.hex(), options),
      ...(options.rabbit_stream_fanout ? { position: new StreamPosition() } : {}),
    };
    const exchange = controlExchange(setup.exchange, options);
    this.#consumers = new QueueConsumers({
      connection,
      queues: [
        { declaration: sharedQueue(setup.topic, exchange, options) },
        { declaration: sharedQueue(`${setup.topic}.${setup.server}`, exchange, options) },
        this.#fanout,
      ],
      // Without a limit of the operator's, each queue may lend as much as could run at once.
      prefetch: options.rabbit_qos_prefetch_count || setup.concurrency,
      consumeArguments: consumeArguments(options),
      onDelivery: (delivery) => slots.offer({ delivery, at: clock.now(), replies: this.replies }),
      logger,
      clock,
    });
  }

  get listening(): boolean {
    return this.#consumers.consuming;
  }

  start(): void {
    this.#transport.connection.start();
    this.#consumers.start();
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#consumers.ready(signal);
  }

  /** Takes no further requests. */
  stop(): Promise<void> {
    return this.#consumers.stop();
  }

  /** Leaves nothing behind that is this server's alone; what others may want stays. Does not throw. */
  async close(): Promise<void> {
    await this.#deleteFanoutQueue();
    await this.#consumers.close();
    await this.#publisher.close();
  }

  /** A queue under a stable name, or a stream, is kept for whoever comes next (wire §3). */
  async #deleteFanoutQueue(): Promise<void> {
    const { use_queue_manager: kept, rabbit_stream_fanout: stream } = this.#transport.options;
    if (!kept && !stream) await this.#consumers.deleteQueue(this.#fanout.declaration.name);
  }

  #replySender(slots: WorkSlots<Arrival>): ReplySender {
    const { options } = this.#transport;
    const settings = {
      mandatory: options.direct_mandatory_flag,
      missingQueueMs: options.kombu_missing_consumer_retry_timeout * 1000,
      format: bodyFormat(options),
    };
    return new ReplySender(this.#publisher, settings, this.#ports, () => slots.fill());
  }
}
