import { type ConnectionSettings, connectionSettings } from "#bus/amqp/connection-settings.js";
import type { Secret } from "#bus/secret.js";
import { BusConfigError } from "#bus/wire/bus-config-error.js";
import { type MessagingOptions, readMessagingOptions } from "#bus/wire/messaging-options.js";
import { type RabbitOptions, readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl, type TransportUrl } from "#bus/wire/transport-url.js";
import { ConfigError } from "./config-error.js";
import type { GivenOptions } from "./given.js";
import type { Config } from "./options.js";

export const RABBIT_GROUP = "oslo_messaging_rabbit";
const CELL_URLS = "cell_transport_urls";

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

/**
 * The buses of the other cells that a service serves; options other than the URL are the same for all.
 * @throws ConfigError as `readBusConfig`, and for a process that has one host: there is one nova-compute on it, and one cell
 */
export function readCells(given: GivenOptions, config: Config, bus: BusConfig | undefined): readonly BusConfig[] {
  if (config.cellUrls !== undefined && config.role !== "service") {
    const origin = given.get("DEFAULT", CELL_URLS)?.origin ?? CELL_URLS;
    throw new ConfigError([`${origin}: is for role = service; role = ${config.role} has the cell of its host`]);
  }
  return readBuses(given, bus, "DEFAULT", config.cellUrls);
}

/** The buses at which nova's notifications are heard and nothing else is done. @throws ConfigError as `readBusConfig` */
export function readNotifying(given: GivenOptions, config: Config, bus: BusConfig | undefined): readonly BusConfig[] {
  return readBuses(given, bus, "nova_notifications", config.notifyingUrls);
}

function readBuses(
  given: GivenOptions,
  bus: BusConfig | undefined,
  group: string,
  list: Secret | undefined,
): readonly BusConfig[] {
  if (bus === undefined || list === undefined) return [];
  const urls = list
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
      const origin = given.get(group, CELL_URLS)?.origin ?? CELL_URLS;
      throw new ConfigError([`${origin}: URL ${index + 1} of ${urls.length}: ${error.message}`]);
    }
  });
}

function originOf(given: GivenOptions, part: string): string {
  const name = part.split(":")[0] ?? part;
  return (given.get(RABBIT_GROUP, name) ?? given.get("DEFAULT", name))?.origin ?? `[${RABBIT_GROUP}]`;
}
