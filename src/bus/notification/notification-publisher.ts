import type { BusConnection } from "../amqp/bus-connection.js";
import { controlExchange, sharedQueue } from "../amqp/oslo-topology.js";
import { Publisher } from "../amqp/publisher.js";
import { Deadline } from "../client/deadline.js";
import type { Json, JsonObject } from "../json.js";
import type { Clock, Ids, Logger } from "../ports.js";
import { bodyFormat } from "../wire/body-format.js";
import { encodeMessage } from "../wire/message.js";
import type { RabbitOptions } from "../wire/options.js";
import { safeContext } from "../wire/safe-context.js";
import { encodeNotification, type Notification, notificationTime } from "./notification.js";
import { notificationKey, type Priority } from "./priority.js";

/** `messagingv2` puts the message into an envelope, `messaging` does not. */
export type NotificationDriver = "messagingv2" | "messaging";

export interface NotificationPublisherSetup {
  /** Shared; the publisher does not close it. */
  readonly connection: BusConnection;
  readonly options: RabbitOptions;
  readonly exchange: string;
  /** Each notification goes to all of them. */
  readonly topics: readonly string[];
  readonly publisherId: string;
  readonly driver: NotificationDriver;
  /** How long one notification may wait for a broker; it is given up then. */
  readonly timeoutMs: number;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is told. */
export interface Event {
  readonly eventType: string;
  readonly priority: Priority;
  readonly payload: Json;
  /** A UUID by which listeners know an event that comes twice; unset: a new one, for an event that is published once. */
  readonly messageId?: string;
  /** When it happened, in milliseconds since the epoch; unset: now. */
  readonly happenedAt?: number;
  /** The request that caused it; only entries that empower nobody are sent. */
  readonly context?: Readonly<JsonObject>;
}

/** Tells listeners what happened (wire §12). Queues that nobody consumes yet are declared too, so that nothing is lost before. */
export class NotificationPublisher implements AsyncDisposable {
  readonly #publisher: Publisher;

  constructor(private readonly setup: NotificationPublisherSetup) {
    this.#publisher = new Publisher(setup.connection, setup);
  }

  /**
   * Publishes to all topics and resolves when the broker has every copy. What could not be published is logged and not thrown:
   * the deed that it tells of is done all the same.
   * @returns whether the broker has every copy
   */
  async publish(event: Event): Promise<boolean> {
    try {
      await this.send(event);
      return true;
    } catch (error) {
      const { eventType } = event;
      this.setup.logger.error({ err: error, eventType }, "a notification was not published");
      return false;
    }
  }

  /**
   * Publishes to all topics and resolves when the broker has every copy.
   * @param signal ends the wait
   * @throws what was in the way of a copy, or the signal's reason; copies may be out then
   */
  async send(event: Event, signal?: AbortSignal): Promise<void> {
    const { ids, clock, publisherId } = this.setup;
    const notification: Notification = {
      messageId: event.messageId ?? ids.hex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
      publisherId,
      eventType: event.eventType,
      priority: event.priority,
      payload: event.payload,
      timestamp: notificationTime(event.happenedAt ?? clock.now()),
      context: safeContext(event.context ?? {}),
    };
    const copies = await Promise.allSettled(
      this.setup.topics.map((topic) => this.#publishTo(topic, notification, signal)),
    );
    for (const copy of copies) if (copy.status === "rejected") throw copy.reason;
  }

  close(): Promise<void> {
    return this.#publisher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #publishTo(topic: string, notification: Notification, signal?: AbortSignal): Promise<void> {
    const { options, ids, clock, timeoutMs, driver } = this.setup;
    const uniqueId = ids.hex();
    const exchange = controlExchange(this.setup.exchange, options);
    const routingKey = notificationKey(topic, notification.priority);
    const format = { ...bodyFormat(options), envelope: driver === "messagingv2" };
    const message = encodeMessage(encodeNotification(notification, uniqueId), format);
    const queue = sharedQueue(routingKey, exchange, options);
    using deadline = new Deadline(clock, timeoutMs, () => new Error(`no broker took it within ${timeoutMs / 1000} s`));
    await this.#publisher.publish(
      { ...message, exchange, routingKey, queue, mandatory: false, messageId: uniqueId },
      signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]),
    );
  }
}
