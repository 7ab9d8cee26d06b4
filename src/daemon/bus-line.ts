import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { BusConnection } from "#bus/amqp/bus-connection.js";
import { QueueNames } from "#bus/amqp/queue-names.js";
import { RpcClient } from "#bus/client/rpc-client.js";
import { NotificationListener, type NotificationListenerSetup } from "#bus/notification/notification-listener.js";
import { NotificationPublisher, type NotificationPublisherSetup } from "#bus/notification/notification-publisher.js";
import type { Endpoint } from "#bus/server/endpoint.js";
import { RpcServer } from "#bus/server/rpc-server.js";
import { systemClock, systemIds } from "#bus/system.js";
import { describeTransportUrl } from "#bus/wire/transport-url.js";
import type { BusConfig } from "./config/bus.js";
import { tracedCalls } from "./tracing/traced-calls.js";
import type { Tracer } from "./tracing/tracer.js";

/** What a listener's owner says; the rest is the line's. */
type Hears = "sources" | "priorities" | "pool" | "onNotification" | "concurrency" | "requeueDelayMs";

/** What a publisher's owner says; the rest is the line's. */
type Tells = "exchange" | "topics" | "publisherId" | "driver" | "timeoutMs";

/** The one connection of this process to the message bus, and what is opened on it. */
export class BusLine {
  readonly connection: BusConnection;
  /** The broker without its login. */
  readonly transport: string;
  readonly #names: QueueNames;

  private constructor(
    private readonly config: BusConfig,
    private readonly logger: Logger,
    private readonly tracer: Tracer | undefined,
    program: string | undefined,
  ) {
    const { url, rabbit } = config;
    for (const { hostname } of url.hosts.filter(({ ownLogin }) => !ownLogin)) {
      logger.warn({ broker: hostname }, "transport_url gives this host no login of its own: guest is tried there");
    }
    const settings = { ...config.connection, name: `configdrive:${process.pid}:${randomUUID()}` };
    this.connection = new BusConnection(settings, { logger, clock: systemClock, random: Math.random });
    this.transport = describeTransportUrl(url);
    this.#names = new QueueNames(rabbit, systemIds, program);
  }

  /**
   * Begins to connect, and returns at once: a broker that is away is waited for as long as it takes.
   * @param program names this process's queues where names are kept (`use_queue_manager`); unset: they are random
   * @param tracer records calls, and gives the trace that a request carries; unset: neither
   */
  static open(config: BusConfig, logger: Logger, program?: string, tracer?: Tracer): BusLine {
    const line = new BusLine(config, logger, tracer, program);
    line.connection.start();
    return line;
  }

  /** A server of a topic, not started yet. */
  server(target: { readonly exchange: string; readonly topic: string }, server: string, endpoint: Endpoint): RpcServer {
    const { rabbit, messaging } = this.config;
    return new RpcServer({
      transports: [{ connection: this.connection, options: rabbit, names: this.#names }],
      ...target,
      server,
      endpoints: [endpoint],
      concurrency: messaging.executor_thread_pool_size,
      ping: messaging.rpc_ping_enabled,
      logger: this.logger,
      clock: systemClock,
      ids: systemIds,
    });
  }

  /** A client; whoever asked for it closes it. */
  client(): RpcClient {
    const { rabbit, messaging } = this.config;
    const { tracer } = this;
    return new RpcClient({
      connection: this.connection,
      options: rabbit,
      timeoutMs: messaging.rpc_response_timeout * 1000,
      names: this.#names,
      ...(tracer === undefined ? {} : { trace: () => tracer.current, around: tracedCalls(tracer) }),
      ids: systemIds,
      clock: systemClock,
      logger: this.logger,
    });
  }

  /** A listener to other services' notifications, not started yet; whoever asked for it closes it. */
  listener(hears: Pick<NotificationListenerSetup, Hears>): NotificationListener {
    const { connection, config, logger } = this;
    return new NotificationListener({ ...hears, connection, options: config.rabbit, clock: systemClock, logger });
  }

  /** Tells others what happens here; whoever asked for it closes it. */
  publisher(tells: Pick<NotificationPublisherSetup, Tells>): NotificationPublisher {
    const { connection, config, logger } = this;
    return new NotificationPublisher({
      ...tells,
      connection,
      options: config.rabbit,
      ids: systemIds,
      clock: systemClock,
      logger,
    });
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.connection.close();
  }
}
