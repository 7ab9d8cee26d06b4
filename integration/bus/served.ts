import { randomUUID } from "node:crypto";
import { BusConnection } from "#bus/amqp/bus-connection.js";
import { connectionSettings } from "#bus/amqp/connection-settings.js";
import type { Endpoint } from "#bus/server/endpoint.js";
import { RpcServer, type RpcServerSetup, type ServerTransport } from "#bus/server/rpc-server.js";
import { systemClock, systemIds } from "#bus/system.js";
import { readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl } from "#bus/wire/transport-url.js";
import { Records } from "./records.js";

type Options = Readonly<Record<string, string>>;

/** One of our servers, on exchange and topic `suite`, as server `host.1` unless told otherwise; what it logs is kept. */
export class Served implements AsyncDisposable {
  private constructor(
    readonly connections: readonly BusConnection[],
    readonly server: RpcServer,
    readonly log: Records,
  ) {}

  /** @param options of `[oslo_messaging_rabbit]`, as text */
  static start(
    url: string,
    endpoints: readonly Endpoint[],
    options: Options = {},
    setup: Partial<RpcServerSetup> = {},
  ) {
    return Served.startMany([url], endpoints, options, setup);
  }

  static async startMany(
    urls: readonly string[],
    endpoints: readonly Endpoint[],
    options: Options = {},
    setup: Partial<RpcServerSetup> = {},
  ): Promise<Served> {
    const served = Served.begin(urls, endpoints, options, setup);
    try {
      await served.server.start(AbortSignal.timeout(30_000));
    } catch (error) {
      await served[Symbol.asyncDispose]();
      throw error;
    }
    return served;
  }

  /** Begins to listen and does not wait for it. */
  static begin(
    urls: readonly string[],
    endpoints: readonly Endpoint[],
    options: Options = {},
    setup: Partial<RpcServerSetup> = {},
  ): Served {
    const log = new Records();
    const ports = { logger: log, clock: systemClock, ids: systemIds, random: Math.random };
    const transports = urls.map((text): ServerTransport => {
      const url = parseTransportUrl(text);
      const { values } = readRabbitOptions(options, url.query);
      const settings = connectionSettings(url, values, `suite:${process.pid}:${randomUUID()}`);
      return { connection: new BusConnection(settings, ports), options: values };
    });
    const names = { exchange: "suite", topic: "suite", server: "host.1" };
    const server = new RpcServer({ transports, ...names, endpoints, concurrency: 64, ...ports, ...setup });
    void server.start(new AbortController().signal);
    return new Served(
      transports.map(({ connection }) => connection),
      server,
      log,
    );
  }

  /** The connection of the first bus. */
  get connection(): BusConnection {
    return this.connections[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(new Date(Date.now() + 5000));
    await Promise.all(this.connections.map((connection) => connection.close()));
  }
}
