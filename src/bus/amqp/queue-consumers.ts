import { atMost } from "../at-most.js";
import type { Clock, Logger } from "../ports.js";
import { sleep } from "../sleep.js";
import { whenAborted } from "../when-aborted.js";
import { Acknowledger } from "./acknowledger.js";
import { BackOff } from "./back-off.js";
import { type BrokerSession, type OpenChannel, PARTING_MS } from "./broker-session.js";
import type { BusConnection } from "./bus-connection.js";
import { declareQueue } from "./declare.js";
import { Delivery } from "./delivery.js";
import type { StreamPosition } from "./stream-position.js";
import type { QueueDeclaration } from "./topology.js";

export interface ConsumedQueue {
  readonly declaration: QueueDeclaration;
  /** Set for a stream, which is taken up where it was left. */
  readonly position?: StreamPosition;
}

export interface QueueConsumersSetup {
  readonly connection: BusConnection;
  readonly queues: readonly ConsumedQueue[];
  /** Messages that each consumer may hold unacknowledged; 0 is no limit. */
  readonly prefetch: number;
  /** Arguments of every `basic.consume`. */
  readonly consumeArguments: Readonly<Record<string, boolean>>;
  /** Must not throw. */
  readonly onDelivery: (delivery: Delivery) => void;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A queue that is deleted again and again, or a declaration that is refused, is tried at this pace and slower. */
const PACE = { startMs: 1000, stepMs: 2000, maxMs: 30_000 };

/**
 * Consumes a set of queues for as long as it lives. What is lost is taken up again under the same names: the connection, the channel
 * (wire §11), or one queue that somebody deleted (`basic.cancel`).
 */
export class QueueConsumers {
  readonly #setup: QueueConsumersSetup;
  readonly #stopping = new AbortController();
  readonly #tags = new Map<string, string>();
  readonly #backOff = new BackOff(PACE, () => 1);
  #open: OpenChannel | undefined;
  #acknowledger: Acknowledger | undefined;
  #complete = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(setup: QueueConsumersSetup) {
    this.#setup = setup;
  }

  /** Whether every queue is consumed at this moment. */
  get consuming(): boolean {
    return this.#open?.lost.aborted === false && this.#tags.size === this.#setup.queues.length;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when all queues are consumed for the first time. @throws the signal's reason when it aborts first. */
  async ready(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#complete.promise, whenAborted(signal)]);
    signal.throwIfAborted();
  }

  /** Takes no further messages; those that came can still be settled until `close`. Does not throw. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("consumers stopped"));
    const open = this.#open;
    if (open === undefined || open.lost.aborted) return;
    const cancels = [...this.#tags.values()].map((tag) => open.channel.cancel(tag));
    this.#tags.clear();
    await atMost(this.#setup.clock, PARTING_MS, Promise.allSettled(cancels));
  }

  /** Deletes one of the queues, where there is a broker to ask. Does not throw. */
  async deleteQueue(name: string): Promise<void> {
    const open = this.#open;
    if (open === undefined || open.lost.aborted) return;
    await atMost(this.#setup.clock, PARTING_MS, open.channel.deleteQueue(name));
  }

  /** Gives back what is not settled. Does not throw. */
  async close(): Promise<void> {
    await this.stop();
    this.#acknowledger?.flush();
    await this.#open?.close();
    if (this.#running !== undefined) await atMost(this.#setup.clock, PARTING_MS, this.#running);
  }

  async #run(): Promise<void> {
    const { connection, logger, clock } = this.#setup;
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      try {
        const session = await connection.session(stopping);
        await this.#consume(session);
      } catch (error) {
        if (stopping.aborted) return;
        const retryInMs = this.#backOff.next("protocol");
        logger.warn({ err: error, retryInMs }, "cannot consume from the message bus");
        await sleep(clock, retryInMs, stopping).catch(() => undefined);
      }
    }
  }

  /** Declares and consumes all queues, and returns when the channel is lost. @throws when that was at once the case. */
  async #consume(session: BrokerSession): Promise<void> {
    const { queues, prefetch, logger, clock } = this.#setup;
    this.#tags.clear();
    for (const queue of queues) await declareQueue(session, queue.declaration, logger);
    const open = await session.openChannel();
    this.#open = open;
    if (prefetch > 0) await open.channel.prefetch(prefetch);
    const acknowledger = new Acknowledger(open.channel);
    this.#acknowledger = acknowledger;
    for (const queue of queues) await this.#subscribe(session, open, acknowledger, queue);
    const since = clock.now();
    logger.info({ queues: queues.map((queue) => queue.declaration.name) }, "consuming");
    this.#complete.resolve();
    await whenAborted(open.lost);
    if (session.lost.aborted || this.#stopping.signal.aborted) return;
    if (clock.now() - since < PACE.startMs) throw open.lost.reason;
    this.#backOff.reset();
    logger.warn({ err: open.lost.reason }, "lost the channel of the consumers");
  }

  async #subscribe(
    session: BrokerSession,
    open: OpenChannel,
    acknowledger: Acknowledger,
    queue: ConsumedQueue,
  ): Promise<void> {
    const { name } = queue.declaration;
    const { consumerTag } = await open.channel.consume(
      name,
      (message) => {
        if (message === null) void this.#resubscribe(session, open, acknowledger, queue);
        else this.#deliver(new Delivery(message, name, acknowledger, open.lost), queue);
      },
      { arguments: { ...this.#setup.consumeArguments, ...queue.position?.consumeArguments() } },
    );
    this.#tags.set(name, consumerTag);
  }

  #deliver(delivery: Delivery, queue: ConsumedQueue): void {
    queue.position?.passed(delivery);
    this.#setup.onDelivery(delivery);
  }

  /** The broker cancelled one consumer: its queue was deleted. The others go on meanwhile. */
  async #resubscribe(
    session: BrokerSession,
    open: OpenChannel,
    acknowledger: Acknowledger,
    queue: ConsumedQueue,
  ): Promise<void> {
    const { name } = queue.declaration;
    this.#tags.delete(name);
    if (this.#stopping.signal.aborted) return;
    this.#setup.logger.warn({ queue: name }, "the broker cancelled the consumer: the queue is declared again");
    try {
      await declareQueue(session, queue.declaration, this.#setup.logger);
      await this.#subscribe(session, open, acknowledger, queue);
    } catch (error) {
      this.#setup.logger.warn({ err: error, queue: name }, "cannot take up the queue again");
      await open.close();
    }
  }
}
