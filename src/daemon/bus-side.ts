import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { JsonDoor } from "#api/json-door.js";
import { BusConnection } from "#bus/amqp/bus-connection.js";
import { QueueNames } from "#bus/amqp/queue-names.js";
import { RpcServer } from "#bus/server/rpc-server.js";
import { systemClock, systemIds } from "#bus/system.js";
import { whenAborted } from "#bus/when-aborted.js";
import { describeTransportUrl } from "#bus/wire/transport-url.js";
import { BUS_TARGET, busEndpoint } from "./bus-door.js";
import { logCall } from "./call-log.js";
import type { BusConfig } from "./config/bus.js";
import { newRequestId } from "./request-id.js";

/** Where the service is on the bus: the broker without its login, and the target. */
export interface BusEndpoint {
  readonly transport: string;
  readonly exchange: string;
  readonly topic: string;
  readonly server: string;
}

/** The service on the message bus. */
export class BusSide {
  private constructor(
    readonly endpoint: BusEndpoint,
    private readonly connection: BusConnection,
    private readonly server: RpcServer,
    private readonly opening: AbortController,
    private readonly opened: Promise<void>,
  ) {}

  /** Begins to connect and to serve, and returns at once: a broker that is away is waited for as long as it takes. */
  static open(config: BusConfig, host: string, door: JsonDoor, logger: Logger): BusSide {
    const { url, rabbit, messaging } = config;
    const settings = { ...config.connection, name: `configdrive:${process.pid}:${randomUUID()}` };
    for (const { hostname } of url.hosts.filter(({ ownLogin }) => !ownLogin)) {
      logger.warn({ broker: hostname }, "transport_url gives this host no login of its own: guest is tried there");
    }
    const connection = new BusConnection(settings, { logger, clock: systemClock, random: Math.random });
    const server = new RpcServer({
      transports: [{ connection, options: rabbit, names: new QueueNames(rabbit, systemIds, "configdrive") }],
      ...BUS_TARGET,
      server: host,
      endpoints: [busEndpoint({ door, newRequestId, observe: (call) => logCall(logger, call) })],
      concurrency: messaging.executor_thread_pool_size,
      ping: messaging.rpc_ping_enabled,
      logger,
      clock: systemClock,
      ids: systemIds,
    });
    const opening = new AbortController();
    connection.start();
    const endpoint = { transport: describeTransportUrl(url), ...BUS_TARGET, server: host };
    const opened = server.start(opening.signal).then(
      () => logger.info({ event: "listening", door: "bus", ...endpoint }, "listening on the bus"),
      () => undefined,
    );
    return new BusSide(endpoint, connection, server, opening, opened);
  }

  /** Waits until requests reach the service, or the signal aborts. */
  async listeningWithin(signal: AbortSignal): Promise<void> {
    await Promise.race([this.opened, whenAborted(signal)]);
  }

  /** Whether requests on the bus reach the service now. */
  get listening(): boolean {
    return this.server.listening;
  }

  /** Takes no further requests, lets those that run answer until the deadline, and disconnects. */
  async close(deadline: Date): Promise<void> {
    this.opening.abort();
    await this.server.stop(deadline);
    await this.connection.close();
  }
}
