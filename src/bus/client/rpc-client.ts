import type { BusConnection } from "../amqp/bus-connection.js";
import { controlExchange, fanoutExchange } from "../amqp/oslo-topology.js";
import { type Outgoing, Publisher } from "../amqp/publisher.js";
import type { QueueNames } from "../amqp/queue-names.js";
import type { Json, JsonObject } from "../json.js";
import type { Clock, Ids, Logger } from "../ports.js";
import { bodyFormat } from "../wire/body-format.js";
import { encodeMessage } from "../wire/message.js";
import type { RabbitOptions } from "../wire/options.js";
import type { RemoteErrorClasses } from "../wire/remote-error.js";
import { type CallKeys, encodeRequest } from "../wire/request.js";
import { type TraceContext, traceHeaders } from "../wire/trace-context.js";
import { CallTimeout, ClientClosed, Undeliverable } from "./call-errors.js";
import { Deadline } from "./deadline.js";
import { ReplyQueue } from "./reply-queue.js";
import { describeTarget, type RpcTarget, routingKey } from "./target.js";
import { checkVersionCap } from "./version-cap.js";
import { WaitingCalls } from "./waiting-calls.js";

export interface RpcClientSetup {
  /** Shared with whoever else uses the transport; the client does not close it. */
  readonly connection: BusConnection;
  readonly options: RabbitOptions;
  /** For requests that set no time of their own: `rpc_response_timeout`, in milliseconds. */
  readonly timeoutMs: number;
  /** No request may need a newer server than this (`[upgrade_levels]`). */
  readonly versionCap?: string | undefined;
  /** Python exceptions that become classes of their own. */
  readonly knownErrors?: RemoteErrorClasses;
  /** For the reply queue; random when not given. */
  readonly names?: QueueNames | undefined;
  /** The trace that a request is part of whose options name none; unset: none. */
  readonly trace?: (() => TraceContext | undefined) | undefined;
  /** Carries out each call, for whoever measures or records it; unset: nobody does. */
  readonly around?: (<T>(target: RpcTarget, method: string, run: () => Promise<T>) => Promise<T>) | undefined;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RequestOptions {
  /** The caller's context; every key of it is sent. */
  readonly context?: Readonly<JsonObject>;
  /** How long the whole may take, with all waiting for a broker. */
  readonly timeoutMs?: number;
  /** Ask the broker to hand the request back when no queue takes it. */
  readonly mandatory?: boolean;
  readonly trace?: TraceContext | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends RequestOptions {
  /** Seconds of silence after which a call ends although its time is not up; 2 or more for a server to send heartbeats (wire §8). */
  readonly monitorSeconds?: number | undefined;
}

/** Ends what still runs for a call that is over. */
const answered = new Error("the call is over");

/** Asks other services: call waits for the result, cast only for the broker to have the request. */
export class RpcClient implements AsyncDisposable {
  readonly #setup: RpcClientSetup;
  readonly #publisher: Publisher;
  readonly #calls: WaitingCalls;
  readonly #replies: ReplyQueue;
  readonly #underWay = new Set<Deadline>();
  #closed = false;

  constructor(setup: RpcClientSetup) {
    const { connection, options, ids, clock, logger } = setup;
    this.#setup = setup;
    this.#publisher = new Publisher(connection, { logger, clock });
    this.#calls = new WaitingCalls(clock, setup.knownErrors ?? new Map());
    const suffix = setup.names?.next() ?? ids.hex();
    this.#replies = new ReplyQueue({ connection, options, suffix, calls: this.#calls, logger, clock });
  }

  /**
   * Runs a method on a server and gives its result. The time limit holds in every phase, also while no broker is there. A request whose
   * confirmation was lost is published again under the same ids, so that the server runs it once (wire §9).
   * @throws RemoteError (or a listed class) for what the method raised, CallTimeout, Undeliverable (only if `mandatory`),
   * VersionCapExceeded, ClientClosed, or the reason of `signal`
   */
  async call(target: RpcTarget, method: string, args: JsonObject, options: CallOptions = {}): Promise<Json> {
    const run = () => this.#call(target, method, args, options);
    return await (this.#setup.around?.(target, method, run) ?? run());
  }

  async #call(target: RpcTarget, method: string, args: JsonObject, options: CallOptions): Promise<Json> {
    const described = `${method} at ${describeTarget(target)}`;
    using deadline = this.#begin(target, described, options);
    await this.#replies.ready(deadline.signal);
    const msgId = this.#setup.ids.hex();
    const monitorTimeout = options.monitorSeconds ?? null;
    const call: CallKeys = { msgId, replyQueue: this.#replies.name, monitorTimeout };
    const monitorMs = monitorTimeout === null ? undefined : monitorTimeout * 1000;
    const waiting = this.#calls.wait(msgId, monitorMs, described);
    try {
      const message = this.#outgoing(target, method, args, options, call);
      const sent = this.#publisher.publish({ ...message, expiresAt: deadline.at }, deadline.signal).then((outcome) => {
        if (outcome === "returned") throw new Undeliverable(describeTarget(target));
        waiting.startMonitor();
      });
      return await firstReply(waiting.reply, sent, deadline.signal);
    } finally {
      waiting.forget();
      // A reply that outran the confirmation: the request need not be published again.
      deadline.end(answered);
    }
  }

  /**
   * Sends a request that nobody answers; done when the broker has it.
   * @throws CallTimeout when no broker took it in time, Undeliverable (only if `mandatory`), VersionCapExceeded, the reason of `signal`
   */
  async cast(target: RpcTarget, method: string, args: JsonObject, options: RequestOptions = {}): Promise<void> {
    await this.#send(target, method, options, this.#outgoing(target, method, args, options));
  }

  /** Sends a request to every server of the target's topic (whatever its `server` says); as `cast`. */
  async fanout(target: RpcTarget, method: string, args: JsonObject, options: RequestOptions = {}): Promise<void> {
    const message = this.#outgoing(target, method, args, options);
    const exchange = fanoutExchange(target.topic, this.#setup.options);
    await this.#send(target, method, options, { ...message, exchange, routingKey: "" });
  }

  /** Ends everything under way with ClientClosed. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const deadline of this.#underWay) deadline.end(new ClientClosed());
    await this.#replies.close();
    await this.#publisher.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #send(target: RpcTarget, method: string, options: RequestOptions, message: Outgoing): Promise<void> {
    using deadline = this.#begin(target, `${method} to ${describeTarget(target)}`, options);
    const outcome = await this.#publisher.publish(message, deadline.signal);
    if (outcome === "returned") throw new Undeliverable(describeTarget(target));
  }

  #begin(target: RpcTarget, described: string, options: RequestOptions): Deadline {
    const { clock, versionCap, timeoutMs } = this.#setup;
    if (this.#closed) throw new ClientClosed();
    checkVersionCap(target.version, versionCap);
    const limit = options.timeoutMs ?? timeoutMs;
    if (!(limit > 0)) throw new RangeError(`timeoutMs must be above 0, not ${limit}`);
    const late = (): Error => new CallTimeout(`no answer to ${described}`, limit);
    const deadline = new Deadline(clock, limit, late, options.signal, () => this.#underWay.delete(deadline));
    this.#underWay.add(deadline);
    return deadline;
  }

  #outgoing(target: RpcTarget, method: string, args: JsonObject, options: RequestOptions, call?: CallKeys): Outgoing {
    const { ids, options: rabbit } = this.#setup;
    const uniqueId = ids.hex();
    const { namespace, version } = target;
    const inner = encodeRequest({ method, args, namespace, version, context: options.context ?? {}, uniqueId, call });
    const trace = options.trace ?? this.#setup.trace?.();
    const headers = trace === undefined ? {} : traceHeaders(trace);
    return {
      exchange: controlExchange(target.exchange, rabbit),
      routingKey: routingKey(target),
      ...encodeMessage(inner, { ...bodyFormat(rabbit), headers }),
      mandatory: options.mandatory ?? false,
      messageId: uniqueId,
    };
  }
}

/** The reply, unless publishing fails first or the time is up. */
function firstReply(reply: Promise<Json>, sent: Promise<void>, signal: AbortSignal): Promise<Json> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    reply.then(resolve, reject);
    sent.catch(reject);
  });
}
