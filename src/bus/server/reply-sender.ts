import { CLOSURES_ENDURED, type Publisher, type PublishOutcome } from "../amqp/publisher.js";
import type { Json } from "../json.js";
import type { Clock, Ids, Logger } from "../ports.js";
import { sleep } from "../sleep.js";
import { encodeFailure, failureOf } from "../wire/failure.js";
import { type EncodedMessage, encodeMessage, type MessageFormat } from "../wire/message.js";
import { encodeReply, type ReplyOutcome } from "../wire/reply.js";
import { InFlight } from "./in-flight.js";
import { LostReplyQueues } from "./lost-reply-queues.js";

/** Where a reply goes, and until when somebody may wait for it (milliseconds since the epoch). */
export interface ReplyAddress {
  readonly queue: string;
  readonly msgId: Json;
  readonly deadline: number | undefined;
}

export interface ReplySettings {
  /** `direct_mandatory_flag`: a missing reply queue is noticed. */
  readonly mandatory: boolean;
  /** `kombu_missing_consumer_retry_timeout`. */
  readonly missingQueueMs: number;
  readonly format: MessageFormat;
}

interface Ports {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A caller whose connection broke declares its queue again within moments (wire §6.2). */
const MISSING_RETRY_MS = 250;
/** Replies that wait for their queues to come back. One more, and the newcomer is given up at once. */
const MISSING_AT_MOST = 1000;

/** Sends replies and heartbeats to callers through one connection. */
export class ReplySender {
  readonly #lost: LostReplyQueues;
  readonly #unfinished = new InFlight();
  #missing = 0;

  constructor(
    private readonly publisher: Publisher,
    private readonly settings: ReplySettings,
    private readonly ports: Ports,
    /** Hears whenever a reply is done with, or is set aside until its queue is back. */
    private readonly onReplied: () => void,
  ) {
    this.#lost = new LostReplyQueues(ports.clock);
  }

  /** Replies that the broker has not confirmed yet, without those whose queue is missing. */
  get pending(): number {
    return this.#unfinished.count - this.#missing;
  }

  /** Resolves when every reply is done with. */
  idle(): Promise<void> {
    return this.#unfinished.idle();
  }

  /**
   * Sends the final reply until the broker has it, its deadline has passed, its queue stayed missing, or `signal` aborts.
   * Never rejects: what becomes of a reply is nobody's concern but the log's.
   */
  async send(outcome: ReplyOutcome, to: ReplyAddress, signal: AbortSignal): Promise<void> {
    if (this.#isUseless(to)) return;
    this.#unfinished.enter();
    try {
      const first = await this.#publish(outcome, to, signal);
      if (first !== "confirmed") await this.#persist(first, outcome, to, signal);
    } catch (error) {
      if (!signal.aborted) this.ports.logger.error({ err: error, replyQueue: to.queue }, "cannot send a reply");
    } finally {
      this.#unfinished.leave();
      this.onReplied();
    }
  }

  /** Says once that the method still runs. False when the caller's queue is gone. Never rejects. */
  async beat(to: ReplyAddress, signal: AbortSignal): Promise<boolean> {
    if (this.#lost.has(to.queue)) return false;
    try {
      return (await this.#publish({ kind: "heartbeat" }, to, signal)) !== "returned";
    } catch {
      return false;
    }
  }

  /** Goes on after a first try that did not succeed. @throws when the broker closes the channel over this very reply */
  async #persist(first: PublishOutcome, outcome: ReplyOutcome, to: ReplyAddress, signal: AbortSignal): Promise<void> {
    const answer = await this.#untilAnswered(first, outcome, to, signal);
    if (answer === "returned") await this.#awaitQueue(outcome, to, signal);
  }

  /** Sends until the broker answered. Waits for the broker, not for the queue. */
  async #untilAnswered(
    first: PublishOutcome,
    outcome: ReplyOutcome,
    to: ReplyAddress,
    signal: AbortSignal,
  ): Promise<"done" | "returned"> {
    let closures = 0;
    for (let result = first; ; result = await this.#publish(outcome, to, signal)) {
      if (result === "confirmed") return "done";
      if (result === "returned") return "returned";
      if (result === "closed" && ++closures === CLOSURES_ENDURED) throw new Error("the broker does not take the reply");
      if (result !== "lost") await sleep(this.ports.clock, MISSING_RETRY_MS, signal);
      if (this.#isUseless(to)) return "done";
    }
  }

  async #awaitQueue(outcome: ReplyOutcome, to: ReplyAddress, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.ports;
    if (this.#missing >= MISSING_AT_MOST) return;
    this.#missing += 1;
    this.onReplied();
    try {
      const giveUpAt = clock.now() + this.settings.missingQueueMs;
      while (clock.now() < giveUpAt) {
        await sleep(clock, MISSING_RETRY_MS, signal);
        if (this.#isUseless(to)) return;
        const again = await this.#publish(outcome, to, signal);
        if ((await this.#untilAnswered(again, outcome, to, signal)) === "done") return;
      }
      this.#lost.add(to.queue);
      logger.warn({ replyQueue: to.queue }, "the reply queue stayed missing: its replies are dropped for a while");
    } finally {
      this.#missing -= 1;
    }
  }

  #isUseless({ queue, deadline }: ReplyAddress): boolean {
    if (this.#lost.has(queue)) return true;
    if (deadline === undefined || this.ports.clock.now() < deadline) return false;
    this.ports.logger.info({ replyQueue: queue }, "a reply came too late for its caller and was dropped");
    return true;
  }

  #publish(outcome: ReplyOutcome, to: ReplyAddress, signal: AbortSignal): Promise<PublishOutcome> {
    const messageId = this.ports.ids.hex();
    const { body, properties } = this.#encode(outcome, to.msgId, messageId);
    const { mandatory } = this.settings;
    return this.publisher.attempt({ routingKey: to.queue, body, properties, mandatory, messageId }, signal);
  }

  #encode(outcome: ReplyOutcome, msgId: Json, uniqueId: string): EncodedMessage {
    const { format } = this.settings;
    try {
      return encodeMessage(encodeReply(outcome, msgId, uniqueId), format);
    } catch (error) {
      this.ports.logger.error({ err: error }, "a result cannot be written as JSON");
      const failure = encodeFailure(failureOf("builtins", "RuntimeError", "internal error"));
      return encodeMessage(encodeReply({ kind: "failure", failure }, msgId, uniqueId), format);
    }
  }
}
