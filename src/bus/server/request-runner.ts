import type { Delivery } from "../amqp/delivery.js";
import type { Json } from "../json.js";
import type { Clock, Logger } from "../ports.js";
import { encodeFailure, type Failure } from "../wire/failure.js";
import { decodeMessage } from "../wire/message.js";
import type { ReplyOutcome } from "../wire/reply.js";
import { decodeRequest, type IncomingRequest as WireRequest } from "../wire/request.js";
import { UndecodableMessage } from "../wire/undecodable.js";
import { DuplicateRing } from "../wire/unique-id.js";
import { CallHeartbeat, heartbeatIntervalMs } from "./call-heartbeat.js";
import type { Dispatcher, Found } from "./dispatch.js";
import { encodedFailureOfError } from "./failure-of-error.js";
import { isCall, readRequest, type Wanted } from "./read-request.js";
import type { ReplyAddress, ReplySender } from "./reply-sender.js";
import { RpcFailure } from "./rpc-failure.js";
import { RunningRequest } from "./running-request.js";

/** A delivery, when it came, and the way back to its sender. */
export interface Arrival {
  readonly delivery: Delivery;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly replies: ReplySender;
}

/** A request that is acknowledged last. A redelivery of it hands its new delivery over to the one that already runs. */
interface AckLast {
  delivery: Delivery;
}

/** Of a text that a peer chose. */
const LOGGED_AT_MOST = 200;

/** Takes requests from delivery to reply. */
export class RequestRunner {
  readonly #seen = new DuplicateRing();
  readonly #unacknowledged = new Map<string, AckLast>();
  readonly #running = new Set<RunningRequest>();

  /** @param abandon aborts when the server's patience ends: replies that are not out by then are dropped */
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly ports: { readonly logger: Logger; readonly clock: Clock },
    private readonly abandon: AbortSignal,
  ) {}

  /** Ends all that runs. */
  abort(reason: Error): void {
    for (const request of this.#running) request.abort(reason);
  }

  /** Settles the delivery, runs what it asks for and replies. Calls `done` when the method is over. Does not throw. */
  run(arrival: Arrival, done: () => void): void {
    const job = this.#prepareOrDrop(arrival);
    if (job === undefined) done();
    else void this.#serve(job, done);
  }

  /** Whatever a message makes of us, it is settled and its slot comes free. */
  #prepareOrDrop(arrival: Arrival): Job | undefined {
    try {
      return this.#prepare(arrival);
    } catch (error) {
      this.ports.logger.error(
        { err: error, queue: arrival.delivery.queue },
        "a message was dropped for an error of ours",
      );
      arrival.delivery.reject();
      return undefined;
    }
  }

  /** Undefined when there is nothing to run; the delivery is settled then. */
  #prepare(arrival: Arrival): Job | undefined {
    const { delivery } = arrival;
    // Its channel was lost while it waited: the broker delivers it again.
    if (!delivery.held) return undefined;
    const request = this.#read(delivery);
    if (request === undefined) return undefined;
    const deadline = expiry(arrival);
    const address = replyAddress(request, deadline);
    if (address?.deadline !== undefined && address.deadline <= this.ports.clock.now()) {
      this.ports.logger.info({ queue: delivery.queue }, "a call waited until its caller gave up, and was dropped");
      delivery.ack();
      return undefined;
    }
    const target = this.#find(request);
    if (!("className" in target)) return { ...target, request, deadline, address, arrival };
    delivery.ack();
    this.#refuse(target, address, arrival);
    return undefined;
  }

  #find(request: WireRequest): { wanted: Wanted; found: Found } | Failure {
    const wanted = readRequest(request);
    if ("className" in wanted) return wanted;
    const found = this.dispatcher.find(wanted.method, wanted.namespace, wanted.version);
    return "className" in found ? found : { wanted, found };
  }

  #read(delivery: Delivery): WireRequest | undefined {
    const { logger } = this.ports;
    try {
      const { content, properties } = delivery.message;
      const request = decodeRequest(decodeMessage(content, properties));
      if (!this.#seen.isRepeated(request.uniqueId)) return request;
      this.#repeated(request.uniqueId, delivery);
      return undefined;
    } catch (error) {
      if (!(error instanceof UndecodableMessage)) throw error;
      logger.warn({ queue: delivery.queue, reason: error.message }, "a message that cannot be read was dropped");
      delivery.reject();
      return undefined;
    }
  }

  #repeated(uniqueId: Json | undefined, delivery: Delivery): void {
    const running = this.#unacknowledged.get(String(uniqueId));
    if (running !== undefined && !running.delivery.held) running.delivery = delivery;
    else delivery.ack();
    this.ports.logger.info({ queue: delivery.queue }, "a request came twice and runs once");
  }

  #refuse(failure: Failure, address: ReplyAddress | undefined, { delivery, replies }: Arrival): void {
    const reason = failure.message.slice(0, LOGGED_AT_MOST);
    this.ports.logger.warn({ queue: delivery.queue, failure: failure.className }, `request refused: ${reason}`);
    if (address === undefined) return;
    void replies.send({ kind: "failure", failure: encodeFailure(failure) }, address, this.abandon);
  }

  async #serve({ wanted, found, request, deadline, address, arrival }: Job, done: () => void): Promise<void> {
    const { replies } = arrival;
    const ackLast = found.idempotent ? this.#holdBack(request, arrival.delivery) : undefined;
    if (ackLast === undefined) arrival.delivery.ack();
    const { headers } = arrival.delivery.message.properties;
    const running = new RunningRequest(wanted, request, deadline, this.ports.clock, headers);
    this.#running.add(running);
    const heartbeat = this.#heartbeat(request, address, replies);
    let outcome: ReplyOutcome;
    try {
      outcome = { kind: "result", result: await found.run(wanted.args, running) };
    } catch (error) {
      this.#logFailure(wanted.method, error);
      outcome = { kind: "failure", failure: encodedFailureOfError(error) };
    } finally {
      heartbeat?.stop();
      running.end();
      this.#running.delete(running);
    }
    done();
    const replied = address === undefined ? undefined : replies.send(outcome, address, this.abandon);
    if (ackLast === undefined) return;
    await replied;
    if (this.abandon.aborted) return;
    ackLast.delivery.ack();
    this.#unacknowledged.delete(String(request.uniqueId));
  }

  #holdBack(request: WireRequest, delivery: Delivery): AckLast {
    const ackLast: AckLast = { delivery };
    if (typeof request.uniqueId === "string") this.#unacknowledged.set(request.uniqueId, ackLast);
    return ackLast;
  }

  #heartbeat(request: WireRequest, address: ReplyAddress | undefined, replies: ReplySender): CallHeartbeat | undefined {
    if (address === undefined) return undefined;
    const intervalMs = heartbeatIntervalMs(request.monitorTimeout);
    if (intervalMs === undefined) return undefined;
    return new CallHeartbeat(intervalMs, () => replies.beat(address, this.abandon), this.ports.clock);
  }

  #logFailure(method: string, error: unknown): void {
    if (error instanceof RpcFailure) {
      this.ports.logger.debug({ method, failure: error.exceptionClass }, "a method answered with a failure");
    } else {
      this.ports.logger.error({ err: error, method }, "a method failed");
    }
  }
}

interface Job {
  readonly wanted: Wanted;
  readonly found: Found;
  readonly request: WireRequest;
  readonly deadline: number | undefined;
  readonly address: ReplyAddress | undefined;
  readonly arrival: Arrival;
}

/** Where the reply goes; undefined for a cast, and for a call that names no queue (wire §6.2: dropped at once). */
function replyAddress(request: WireRequest, deadline: number | undefined): ReplyAddress | undefined {
  const { msgId, replyQueue } = request;
  if (!isCall(request) || msgId === undefined || typeof replyQueue !== "string" || replyQueue === "") return undefined;
  return { queue: replyQueue, msgId, deadline };
}

/**
 * When the caller stops to wait, at the latest: the message's expiration counts from its publication, which was before it arrived
 * (wire §4).
 */
function expiry({ delivery, at }: Arrival): number | undefined {
  const { expiration } = delivery.message.properties;
  if (typeof expiration !== "string" || expiration === "") return undefined;
  const milliseconds = Number(expiration);
  return Number.isSafeInteger(milliseconds) && milliseconds >= 0 ? at + milliseconds : undefined;
}
