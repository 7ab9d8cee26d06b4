import type { BusConnection } from "../amqp/bus-connection.js";
import type { Delivery } from "../amqp/delivery.js";
import { consumeArguments, controlExchange, sharedQueue } from "../amqp/oslo-topology.js";
import { QueueConsumers } from "../amqp/queue-consumers.js";
import type { QueueDeclaration } from "../amqp/topology.js";
import type { Clock, Logger } from "../ports.js";
import { sleep } from "../sleep.js";
import { decodeMessage } from "../wire/message.js";
import type { RabbitOptions } from "../wire/options.js";
import { DuplicateRing } from "../wire/unique-id.js";
import { decodeNotification, type Notification } from "./notification.js";
import { notificationKey, type Priority } from "./priority.js";

/** Where notifications come from. */
export interface NotificationSource {
  readonly exchange: string;
  readonly topic: string;
}

export interface NotificationListenerSetup {
  /** Shared; the listener does not close it. */
  readonly connection: BusConnection;
  readonly options: RabbitOptions;
  readonly sources: readonly NotificationSource[];
  readonly priorities: readonly Priority[];
  /** Listeners of one pool share its notifications, and every pool gets all. Without a pool all listeners share. */
  readonly pool?: string;
  /**
   * Deals with one notification. `requeue` gives it back to be delivered again, to this listener or another; so does an error.
   * With one at a time the order of the queue is kept.
   */
  readonly onNotification: (notification: Notification, signal: AbortSignal) => Promise<"handled" | "requeue">;
  /** Notifications dealt with at a time; the broker holds back the rest. */
  readonly concurrency: number;
  /** How long a notification is kept before it is given back; else one that always fails comes round in a hot loop. */
  readonly requeueDelayMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Hears notifications, and acknowledges each after it was dealt with (wire §10, §12). */
export class NotificationListener implements AsyncDisposable {
  readonly #setup: NotificationListenerSetup;
  readonly #consumers: QueueConsumers;
  readonly #seen = new DuplicateRing();
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(setup: NotificationListenerSetup) {
    this.#setup = setup;
    const { connection, concurrency, logger, clock } = setup;
    this.#consumers = new QueueConsumers({
      ...{ connection, logger, clock },
      queues: notificationQueues(setup).map((declaration) => ({ declaration })),
      consumeArguments: consumeArguments(setup.options),
      prefetch: concurrency,
      onDelivery: (delivery) => this.#receive(delivery),
    });
  }

  start(): void {
    this.#consumers.start();
  }

  /** Resolves once all queues are consumed. @throws the signal's reason */
  ready(signal: AbortSignal): Promise<void> {
    return this.#consumers.ready(signal);
  }

  /** Takes no more, aborts the signal of what is under way and waits for it; what was not handled goes back to its queue. */
  async close(): Promise<void> {
    await this.#consumers.stop();
    this.#stopping.abort(new Error("the notification listener stops"));
    await Promise.all(this.#underWay);
    await this.#consumers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(delivery: Delivery): void {
    const work = this.#handle(delivery).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #handle(delivery: Delivery): Promise<void> {
    const { logger, clock, requeueDelayMs } = this.#setup;
    const read = this.#read(delivery);
    if (read === undefined) return;
    if (this.#seen.has(read.uniqueId)) return delivery.ack();
    if ((await this.#offer(read.notification)) === "handled") {
      this.#seen.add(read.uniqueId);
      return delivery.ack();
    }
    logger.debug({ eventType: read.notification.eventType }, "a notification is given back");
    await sleep(clock, requeueDelayMs, this.#stopping.signal).catch(() => undefined);
    delivery.requeue();
  }

  /** Undefined, and rejected, where it cannot be read: it would never become readable. */
  #read(delivery: Delivery): ReturnType<typeof decodeNotification> | undefined {
    const { content, properties } = delivery.message;
    try {
      return decodeNotification(decodeMessage(content, properties));
    } catch (error) {
      delivery.reject();
      this.#setup.logger.warn({ err: error, queue: delivery.queue }, "dropped a notification that cannot be read");
      return undefined;
    }
  }

  async #offer(notification: Notification): Promise<"handled" | "requeue"> {
    try {
      return await this.#setup.onNotification(notification, this.#stopping.signal);
    } catch (error) {
      const { eventType, messageId } = notification;
      this.#setup.logger.error({ err: error, eventType, messageId }, "a notification could not be dealt with");
      return "requeue";
    }
  }
}

/** One queue for each source and priority, or the pool's one queue with all their keys. */
function notificationQueues(setup: NotificationListenerSetup): QueueDeclaration[] {
  const { sources, priorities, options, pool } = setup;
  const queues = sources.flatMap(({ exchange, topic }) =>
    priorities.map((priority) =>
      sharedQueue(notificationKey(topic, priority), controlExchange(exchange, options), options),
    ),
  );
  const [first] = queues;
  if (pool === undefined || first === undefined) return queues;
  return [{ ...first, name: pool, bindings: queues.flatMap((queue) => queue.bindings) }];
}
