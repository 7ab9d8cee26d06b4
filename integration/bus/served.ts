import { randomUUID } from "node:crypto";
import { BusConnection } from "#bus/amqp/bus-connection.js";
import { connectionSettings } from "#bus/amqp/connection-settings.js";
import type { Endpoint } from "#bus/server/endpoint.js";
import { RpcServer, type RpcServerSetup } from "#bus/server/rpc-server.js";
import { systemClock, systemIds } from "#bus/system.js";
import { readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl } from "#bus/wire/transport-url.js";
import { Records } from "./records.js";

/** One of our servers, listening on a bus of its own choice; what it logs is kept. */
export class Served implements AsyncDisposable {
  private constructor(
    readonly connection: BusConnection,
    readonly server: RpcServer,
    readonly log: Records,
  ) {}

  /** @param options of `[oslo_messaging_rabbit]`, as text */
  static async start(
    transportUrl: string,
    endpoints: readonly Endpoint[],
    options: Readonly<Record<string, string>> = {},
    setup: Partial<RpcServerSetup> = {},
  ): Promise<Served> {
    const log = new Records();
    const url = parseTransportUrl(transportUrl);
    const { values } = readRabbitOptions(options, url.query);
    const ports = { logger: log, clock: systemClock, ids: systemIds, random: Math.random };
    const connection = new BusConnection(
      connectionSettings(url, values, `suite:${process.pid}:${randomUUID()}`),
      ports,
    );
    const server = new RpcServer({
      transports: [{ connection, options: values }],
      exchange: "suite",
      topic: "suite",
      server: "host.1",
      endpoints,
      concurrency: 64,
      ...ports,
      ...setup,
    });
    await server.start(AbortSignal.timeout(30_000));
    return new Served(connection, server, log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(new Date(Date.now() + 5000));
    await this.connection.close();
  }
}
