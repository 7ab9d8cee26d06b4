import { BusConnection } from "#bus/amqp/bus-connection.js";
import { connectionSettings } from "#bus/amqp/connection-settings.js";
import { QueueNames } from "#bus/amqp/queue-names.js";
import { RpcClient, type RpcClientSetup } from "#bus/client/rpc-client.js";
import type { RpcTarget } from "#bus/client/target.js";
import { systemClock, systemIds } from "#bus/system.js";
import { type RabbitOptions, readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl } from "#bus/wire/transport-url.js";
import { Records } from "./records.js";

export const ports = { clock: systemClock, ids: systemIds, random: Math.random };

/** A connection of ours and a client on it; what they log is kept. */
export class Ours implements AsyncDisposable {
  private constructor(
    readonly connection: BusConnection,
    readonly options: RabbitOptions,
    readonly names: QueueNames,
    readonly client: RpcClient,
    readonly log: Records,
  ) {}

  /** @param options of `[oslo_messaging_rabbit]`, as text */
  static start(
    transportUrl: string,
    options: Readonly<Record<string, string>> = {},
    setup: Partial<RpcClientSetup> = {},
  ): Ours {
    const log = new Records();
    const url = parseTransportUrl(transportUrl);
    const { values } = readRabbitOptions(options, url.query);
    const connection = new BusConnection(connectionSettings(url, values, "suite"), { ...ports, logger: log });
    connection.start();
    const names = new QueueNames(values, ports.ids, "suite");
    const client = new RpcClient({
      connection,
      options: values,
      names,
      timeoutMs: 20_000,
      ...ports,
      logger: log,
      ...setup,
    });
    return new Ours(connection, values, names, client, log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.connection.close();
  }
}

/** A topic and exchange of their own for each group of tests, so that one broker serves them all. */
let targets = 0;
export function freshTarget(): RpcTarget & { readonly server: string } {
  targets += 1;
  return { exchange: `exchange${targets}`, topic: `topic${targets}`, server: "peer.host-1" };
}
