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

function originOf(given: GivenOptions, part: string): string {
  const name = part.split(":")[0] ?? part;
  return (given.get(RABBIT_GROUP, name) ?? given.get("DEFAULT", name))?.origin ?? `[${RABBIT_GROUP}]`;
}
