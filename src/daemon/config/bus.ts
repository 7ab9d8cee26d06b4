import { type ConnectionSettings, connectionSettings } from "#bus/amqp/connection-settings.js";
import { BusConfigError } from "#bus/wire/bus-config-error.js";
import { type MessagingOptions, readMessagingOptions } from "#bus/wire/messaging-options.js";
import { type RabbitOptions, readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl, type TransportUrl } from "#bus/wire/transport-url.js";
import { ConfigError } from "./config-error.js";
import type { GivenOptions } from "./given.js";
import type { Config } from "./options.js";

export const RABBIT_GROUP = "oslo_messaging_rabbit";

/** What the bus needs to know. */
export interface BusConfig {
  readonly url: TransportUrl;
  /** How to reach the broker, files of `ssl_*` options looked into. */
  readonly connection: ConnectionSettings;
  readonly rabbit: RabbitOptions;
  readonly messaging: MessagingOptions;
  /** Names given in `[oslo_messaging_rabbit]` that no option has, old names not among them. */
  readonly unknown: readonly string[];
}

/**
 * Reads the bus's options; `undefined` without a transport URL, which only one process for all can do without.
 * @throws ConfigError with the place of what cannot work; text of the URL is never repeated
 */
export function readBusConfig(given: GivenOptions, config: Config): BusConfig | undefined {
  if (config.transportUrl === undefined) {
    if (config.role === "both") return undefined;
    const origin = given.get("DEFAULT", "role")?.origin ?? "[DEFAULT] role";
    throw new ConfigError([
      `${origin}: role = ${config.role} needs transport_url: services and agents meet on the bus`,
    ]);
  }
  try {
    const url = parseTransportUrl(config.transportUrl.reveal());
    const { values, unknown } = readRabbitOptions(given.texts(RABBIT_GROUP), url.query);
    const connection = connectionSettings(url, values, "configdrive");
    return { url, connection, rabbit: values, messaging: readMessagingOptions(given.texts("DEFAULT")), unknown };
  } catch (error) {
    if (!(error instanceof BusConfigError)) throw error;
    throw new ConfigError([`${originOf(given, error.part)}: ${error.message}`]);
  }
}

/** The buses of the cells whose notifications are heard beside our own bus's; options other than the URL are the same for all. */
export function readCells(given: GivenOptions, config: Config, bus: BusConfig | undefined): readonly BusConfig[] {
  if (bus === undefined || config.cellUrls === undefined) return [];
  const urls = config.cellUrls
    .reveal()
    .split(/\s+/)
    .filter((text) => text !== "");
  return urls.map((text, index) => {
    try {
      const url = parseTransportUrl(text);
      const { values, unknown } = readRabbitOptions(given.texts(RABBIT_GROUP), url.query);
      return { ...bus, url, connection: connectionSettings(url, values, "configdrive"), rabbit: values, unknown };
    } catch (error) {
      if (!(error instanceof BusConfigError)) throw error;
      const origin = given.get("nova_notifications", "cell_transport_urls")?.origin ?? "cell_transport_urls";
      throw new ConfigError([`${origin}: URL ${index + 1} of ${urls.length}: ${error.message}`]);
    }
  });
}

function originOf(given: GivenOptions, part: string): string {
  const name = part.split(":")[0] ?? part;
  return (given.get(RABBIT_GROUP, name) ?? given.get("DEFAULT", name))?.origin ?? `[${RABBIT_GROUP}]`;
}
