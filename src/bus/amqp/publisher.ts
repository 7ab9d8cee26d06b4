import { isNativeError } from "node:util/types";
import type { ConfirmChannel, Options } from "amqplib";
import type { Clock, Logger } from "../ports.js";
import { sleep } from "../sleep.js";
import type { BrokerSession, OpenChannel } from "./broker-session.js";
import type { BusConnection } from "./bus-connection.js";
import { declareExchange, declareQueue } from "./declare.js";
import type { ExchangeDeclaration, QueueDeclaration } from "./topology.js";

/** A message to publish. */
export interface Outgoing {
  /** Unset: the default exchange, where a queue is reached by its name. */
  readonly exchange?: ExchangeDeclaration;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: Options.Publish;
  /** Whether the broker is to hand it back when no queue takes it. */
  readonly mandatory: boolean;
  /** Tells a returned message from others under way; must be unique among these. */
  readonly messageId: string;
  /** A queue that must be there to take the message, as notifications have one. */
  readonly queue?: QueueDeclaration;
  /** When the message becomes worthless, in milliseconds since the epoch: what is left at each sending is its `expiration`. */
  readonly expiresAt?: number;
}

/**
 * `confirmed`: the broker has it. `returned`: it was mandatory and no queue took it. `refused`: the broker could not take it.
 * `lost`: the connection went away before the broker said anything; it may have the message or not. `closed`: the broker closed the
 * channel alone, because it took offence at this message or at another.
 */
export type PublishOutcome = "confirmed" | "returned" | "refused" | "lost" | "closed";

interface Link extends OpenChannel<ConfirmChannel> {
  readonly session: BrokerSession;
  readonly returned: Set<string>;
  readonly declared: Map<string, Promise<void>>;
}

const RETRY_REFUSED_MS = 250;
/** A message in whose company the channel was closed so often is taken for the offender. */
export const CLOSURES_ENDURED = 3;
/** What amqplib says of a message that the broker answered with `basic.nack`. */
const NACKED = "message nacked";

/** Publishes on one confirming channel of a connection, and on a new one after that is lost. Any number of messages may be under way. */
export class Publisher {
  #link: Promise<Link> | undefined;
  #live: Link | undefined;
  #unconfirmed = 0;

  constructor(
    private readonly connection: BusConnection,
    private readonly ports: { readonly logger: Logger; readonly clock: Clock },
  ) {}

  /** Messages handed to the broker that it has not answered yet. */
  get unconfirmed(): number {
    return this.#unconfirmed;
  }

  /**
   * Publishes until the broker has the message or returned it: the same body is sent again when a confirmation is lost, so receivers
   * must be able to tell duplicates.
   * @throws the signal's reason when it aborts first, whether or not the message is already out; the broker's error when a
   * declaration is refused, or when it closed the channel over this message
   */
  async publish(message: Outgoing, signal: AbortSignal): Promise<"confirmed" | "returned"> {
    for (let closures = 0; ; ) {
      signal.throwIfAborted();
      const outcome = await unless(signal, this.attempt(message, signal));
      if (outcome === "confirmed" || outcome === "returned") return outcome;
      if (outcome === "closed" && ++closures === CLOSURES_ENDURED) throw this.#live?.lost.reason;
      if (outcome !== "lost") await sleep(this.ports.clock, RETRY_REFUSED_MS, signal);
    }
  }

  /**
   * Publishes once, on the live channel or the next one.
   * @param signal ends the wait for a channel, not the wait for the broker's answer
   * @throws the signal's reason; the broker's error when a declaration is refused
   */
  attempt(message: Outgoing, signal: AbortSignal): Promise<PublishOutcome> {
    const live = this.#live;
    const ready = live?.lost.aborted === false && message.exchange === undefined && message.queue === undefined;
    return ready ? this.#send(live, message) : this.#attemptWhenReady(message, signal);
  }

  /** Closes the channel; what is unconfirmed ends as `lost`. */
  async close(): Promise<void> {
    await this.#live?.close();
  }

  async #attemptWhenReady(message: Outgoing, signal: AbortSignal): Promise<PublishOutcome> {
    const session = this.#live?.lost.aborted === false ? this.#live.session : await this.connection.session(signal);
    try {
      const link = this.#live?.lost.aborted === false ? this.#live : await this.#linkOf(session);
      if (message.exchange !== undefined || message.queue !== undefined) await this.#declare(link, message);
      return await this.#send(link, message);
    } catch (error) {
      if (session.lost.aborted) return "lost";
      throw error;
    }
  }

  #send(link: Link, message: Outgoing): Promise<PublishOutcome> {
    return new Promise((resolve) => {
      const { exchange, routingKey, body, mandatory, messageId } = message;
      const settle = (error: unknown): void => {
        this.#unconfirmed -= 1;
        const returned = link.returned.size > 0 && link.returned.delete(messageId);
        if (error === null) resolve(returned ? "returned" : "confirmed");
        else if (isNativeError(error) && error.message === NACKED) resolve("refused");
        // Channels hear of a lost connection just before the connection does.
        else queueMicrotask(() => resolve(link.session.lost.aborted ? "lost" : "closed"));
      };
      this.#unconfirmed += 1;
      try {
        const properties: Options.Publish = { ...message.properties, mandatory, messageId };
        if (message.expiresAt !== undefined) properties.expiration = this.#expiration(message.expiresAt);
        link.channel.publish(exchange?.name ?? "", routingKey, body, properties, settle);
      } catch (error) {
        // The channel closed under us; nothing was sent.
        settle(error);
      }
    });
  }

  /** `expiration` is a text of whole milliseconds (wire §4); with 0 the broker would drop a message that nobody takes at once. */
  #expiration(expiresAt: number): string {
    return String(Math.max(1, Math.ceil(expiresAt - this.ports.clock.now())));
  }

  #linkOf(session: BrokerSession): Promise<Link> {
    this.#link ??= this.#openLink(session).finally(() => {
      this.#link = undefined;
    });
    return this.#link;
  }

  async #openLink(session: BrokerSession): Promise<Link> {
    const open = await session.openConfirmChannel();
    const link: Link = { ...open, session, returned: new Set(), declared: new Map() };
    // The broker returns a message before it confirms it.
    open.channel.on("return", (message) => link.returned.add(String(message.properties.messageId)));
    this.#live = link;
    return link;
  }

  /** Each exchange and queue once in the life of a channel: another connection of the same peer may have lost them meanwhile. */
  async #declare(link: Link, { exchange, queue }: Outgoing): Promise<void> {
    const { logger } = this.ports;
    if (exchange !== undefined) {
      await once(link.declared, `exchange ${exchange.name}`, () => declareExchange(link.session, exchange, logger));
    }
    if (queue !== undefined) {
      await once(link.declared, `queue ${queue.name}`, () => declareQueue(link.session, queue, logger));
    }
  }
}

function once(done: Map<string, Promise<void>>, name: string, work: () => Promise<void>): Promise<void> {
  const before = done.get(name);
  if (before !== undefined) return before;
  const promise = work();
  done.set(name, promise);
  promise.catch(() => done.delete(name));
  return promise;
}

/** The value, unless the signal aborts first. */
function unless<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
