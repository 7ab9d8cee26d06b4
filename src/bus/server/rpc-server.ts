import type { BusConnection } from "../amqp/bus-connection.js";
import type { QueueNames } from "../amqp/queue-names.js";
import type { Clock, Ids, Logger } from "../ports.js";
import { whenAborted } from "../when-aborted.js";
import type { RabbitOptions } from "../wire/options.js";
import { Dispatcher } from "./dispatch.js";
import type { Endpoint } from "./endpoint.js";
import { pingEndpoint } from "./ping-endpoint.js";
import { type Arrival, RequestRunner } from "./request-runner.js";
import { TransportListener } from "./transport-listener.js";
import { WorkSlots } from "./work-slots.js";

/** A connection to listen on, with the options that its deployment was set up with. */
export interface ServerTransport {
  readonly connection: BusConnection;
  readonly options: RabbitOptions;
  /** For the fanout queue; random when not given. */
  readonly names?: QueueNames;
}

export interface RpcServerSetup {
  /** One for each message bus to serve, such as one for each cell. */
  readonly transports: readonly ServerTransport[];
  /** The control exchange, such as `nova`. */
  readonly exchange: string;
  readonly topic: string;
  /** This server's own name: requests to `<topic>.<server>` come here only. */
  readonly server: string;
  readonly endpoints: readonly Endpoint[];
  /** How many methods may run at once, over all transports. */
  readonly concurrency: number;
  /** `rpc_ping_enabled`: answers `oslo_rpc_server_ping`. */
  readonly ping?: boolean;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** With so many replies unconfirmed the broker is not keeping up, and nothing new is begun. */
const UNCONFIRMED_AT_MOST = 1000;

/**
 * Serves remote methods to unmodified oslo.messaging clients, on the topic, on this server's own name and to fanouts.
 *
 * A request is acknowledged when its method begins, never run twice on purpose, and answered once; an idempotent method is acknowledged
 * after its reply is out. Requests beyond `concurrency` stay with the broker.
 */
export class RpcServer {
  readonly #setup: RpcServerSetup;
  readonly #abandon = new AbortController();
  readonly #runner: RequestRunner;
  readonly #slots: WorkSlots<Arrival>;
  readonly #listeners: readonly TransportListener[];
  #stopped: Promise<void> | undefined;

  /** @throws RangeError for a setup that cannot work, naming what is wrong. */
  constructor(setup: RpcServerSetup) {
    if (!Number.isInteger(setup.concurrency) || setup.concurrency < 1) {
      throw new RangeError(`concurrency must be a whole number from 1, not ${setup.concurrency}`);
    }
    this.#setup = setup;
    const endpoints = setup.ping === true ? [...setup.endpoints, pingEndpoint] : setup.endpoints;
    this.#runner = new RequestRunner(new Dispatcher(endpoints), setup, this.#abandon.signal);
    this.#slots = new WorkSlots(
      setup.concurrency,
      () => this.#listeners.every((listener) => listener.replies.pending < UNCONFIRMED_AT_MOST),
      (arrival, done) => this.#runner.run(arrival, done),
    );
    this.#listeners = setup.transports.map((transport) => new TransportListener(transport, setup, this.#slots));
  }

  /** Whether requests can reach this server now, on every transport. */
  get listening(): boolean {
    return this.#stopped === undefined && this.#listeners.every((listener) => listener.listening);
  }

  /** Methods that run at this moment. */
  get running(): number {
    return this.#slots.running;
  }

  /**
   * Begins to listen, and goes on over every loss until `stop`. Resolves when all transports were listened on once.
   * @throws the signal's reason when it aborts before that; the server listens on all the same
   */
  async start(signal: AbortSignal): Promise<void> {
    for (const listener of this.#listeners) listener.start();
    await Promise.all(this.#listeners.map((listener) => listener.ready(signal)));
  }

  /**
   * Takes no further requests, lets what runs finish and reply until `deadline`, then aborts it. Requests that were not begun go back
   * to their queues. Safe to call twice.
   */
  stop(deadline: Date): Promise<void> {
    this.#stopped ??= this.#drain(deadline);
    return this.#stopped;
  }

  async #drain(deadline: Date): Promise<void> {
    const { clock, logger } = this.#setup;
    const patience = new AbortController();
    const timer = clock.after(Math.max(0, deadline.getTime() - clock.now()), () => patience.abort());
    try {
      await this.#orGiveUp(Promise.all(this.#listeners.map((listener) => listener.stop())), patience.signal);
      for (const { delivery } of this.#slots.stop()) delivery.requeue();
      await this.#orGiveUp(this.#slots.idle(), patience.signal);
      await this.#orGiveUp(this.#repliesOut(), patience.signal);
      if (patience.signal.aborted) logger.warn({ running: this.running }, "stopped before all requests were answered");
      this.#abandon.abort(new Error("the server stopped"));
      this.#runner.abort(new Error("the server stopped"));
      await Promise.all(this.#listeners.map((listener) => listener.close()));
    } finally {
      timer.stop();
    }
  }

  async #repliesOut(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.replies.idle()));
  }

  async #orGiveUp(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
    await Promise.race([work, whenAborted(signal)]);
  }
}
