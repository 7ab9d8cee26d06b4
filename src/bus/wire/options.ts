import { BusConfigError } from "./bus-config-error.js";
import { compressionNamed, compressionNames, compressionsElsewhere } from "./compression.js";
import { type OptionValues, type ReadOptions, readOptions } from "./option-table.js";
import { choice, decimal, flag, integer, text } from "./option-type.js";

/**
 * The options of `[oslo_messaging_rabbit]`, under the operators' names and with Python's defaults (wire §3.1, §14; the newest
 * release's where releases differ). Seconds are seconds. Declare flags must equal the deployment's: a broker refuses others with 406.
 */
const table = {
  /** Topic exchange and topic, server and notification queues survive a broker's restart. */
  amqp_durable_queues: flag(false),
  amqp_auto_delete: flag(false),

  ssl: flag(false),
  /** The newest version both sides know when not given. */
  ssl_version: choice(undefined, ["TLSv1", "SSLv23", "TLSv1_1", "TLSv1_2"]),
  ssl_key_file: text(),
  ssl_cert_file: text(),
  ssl_ca_file: text(),
  ssl_enforce_hostname_verification: flag(true),
  ssl_enforce_fips_mode: flag(false),

  /** Wait before each reconnection. */
  kombu_reconnect_delay: decimal(1, { min: 0, max: 60 }),
  /** A random part of up to so many seconds more. */
  kombu_reconnect_splay: decimal(0, { min: 0 }),
  /** Bodies that we send; what a peer sends is read by its own header. */
  kombu_compression: choice(undefined, [...compressionNames, ...compressionsElsewhere]),
  /** How long a reply is tried again while its queue is missing. */
  kombu_missing_consumer_retry_timeout: integer(60, { min: 0 }),
  kombu_failover_strategy: choice("round-robin", ["round-robin", "shuffle"]),

  rabbit_login_method: choice("AMQPLAIN", ["PLAIN", "AMQPLAIN", "EXTERNAL", "RABBIT-CR-DEMO"]),
  rabbit_retry_interval: integer(1, { min: 1 }),
  rabbit_retry_backoff: integer(2, { min: 0 }),
  rabbit_interval_max: integer(30, { min: 1 }),

  /** Mirrored queues of RabbitMQ before 4. */
  rabbit_ha_queues: flag(false),
  /** Topic, server and notification queues are quorum queues. */
  rabbit_quorum_queue: flag(false),
  /** Reply and fanout queues are quorum queues, the fanout exchange durable. */
  rabbit_transient_quorum_queue: flag(false),
  rabbit_quorum_delivery_limit: integer(0, { min: 0 }),
  rabbit_quorum_max_memory_length: integer(0, { min: 0 }),
  rabbit_quorum_max_memory_bytes: integer(0, { min: 0 }),
  /** Life of an unused reply or fanout queue; 0 for ever. */
  rabbit_transient_queues_ttl: integer(1800, { min: 0 }),
  /** Deliveries unacknowledged at a time, per consumer; 0 is no limit. */
  rabbit_qos_prefetch_count: integer(0, { min: 0, max: 65535 }),
  /** Fanouts go through one stream instead of a queue for each server. */
  rabbit_stream_fanout: flag(false),

  /** The AMQP heartbeat asked of the broker; 0 is none. */
  heartbeat_timeout_threshold: integer(60, { min: 0 }),
  heartbeat_rate: integer(3, { min: 0 }),

  /** Replies are sent mandatory, so that a missing reply queue is noticed. */
  direct_mandatory_flag: flag(true),
  enable_cancel_on_failover: flag(false),

  /** Reply and fanout queues are named after host and process instead of at random. */
  use_queue_manager: flag(false),
  hostname: text(),
  processname: text(),

  // Python's pool of sending connections and its threads: read, and without meaning for us.
  rpc_conn_pool_size: integer(30, { min: 1 }),
  conn_pool_min_size: integer(2, { min: 0 }),
  conn_pool_ttl: integer(1200, { min: 0 }),
  heartbeat_in_pthread: flag(false),
} as const;

/** Names that earlier releases used. */
const renamed: Readonly<Record<string, string>> = {
  rabbit_use_ssl: "ssl",
  kombu_ssl_version: "ssl_version",
  kombu_ssl_keyfile: "ssl_key_file",
  kombu_ssl_certfile: "ssl_cert_file",
  kombu_ssl_ca_certs: "ssl_ca_file",
  kombu_reconnect_timeout: "kombu_missing_consumer_retry_timeout",
  amqp_durable_queue: "amqp_durable_queues",
  rabbit_durable_queues: "amqp_durable_queues",
  rabbit_quroum_max_memory_length: "rabbit_quorum_max_memory_length",
  rabbit_quroum_max_memory_bytes: "rabbit_quorum_max_memory_bytes",
};

/** The options of `[oslo_messaging_rabbit]`, read and checked. */
export type RabbitOptions = OptionValues<typeof table>;

/**
 * Reads the section of an operator's file, with the query of the transport URL over it (wire §14.1, rule 7).
 * A name unknown in a file is reported; in a URL it is refused, as in Python.
 * @throws BusConfigError naming the option, also for options that contradict each other
 */
export function readRabbitOptions(
  section: Readonly<Record<string, string>> = {},
  query: ReadonlyMap<string, string> = new Map(),
): ReadOptions<typeof table> {
  for (const name of query.keys()) refuseUnlessKnown(name);
  const read = readOptions(table, { ...section, ...Object.fromEntries(query) }, renamed);
  refuseContradictions(read.values);
  return read;
}

function refuseUnlessKnown(name: string): void {
  if (Object.hasOwn(table, name) || Object.hasOwn(renamed, name)) return;
  // Whatever does not look like an option's name may be the rest of a password with a question mark in it.
  const shown = /^[a-z_]{1,60}$/.test(name) ? `${name} ` : "";
  throw new BusConfigError("transport_url: query", `${shown}is not an option of [oslo_messaging_rabbit]`);
}

function refuseContradictions(options: RabbitOptions): void {
  const { kombu_compression: compression } = options;
  if (compression !== undefined && compressionNamed(compression) === undefined) {
    const why = `${compression} can be neither written nor read here; use gzip, which every peer reads`;
    throw new BusConfigError("kombu_compression", why);
  }
  if (options.rabbit_login_method === "RABBIT-CR-DEMO") {
    throw new BusConfigError("rabbit_login_method", "RABBIT-CR-DEMO is not supported; use PLAIN, AMQPLAIN or EXTERNAL");
  }
  if (options.rabbit_quorum_queue && options.rabbit_ha_queues) {
    throw new BusConfigError("rabbit_ha_queues", "cannot be combined with rabbit_quorum_queue");
  }
  if (options.rabbit_stream_fanout && options.rabbit_qos_prefetch_count === 0) {
    throw new BusConfigError("rabbit_stream_fanout", "needs rabbit_qos_prefetch_count above 0");
  }
  if (options.rabbit_stream_fanout && !options.rabbit_transient_quorum_queue) {
    throw new BusConfigError("rabbit_stream_fanout", "needs rabbit_transient_quorum_queue");
  }
  if (options.ssl && (options.ssl_key_file === undefined) !== (options.ssl_cert_file === undefined)) {
    const missing = options.ssl_key_file === undefined ? "ssl_key_file" : "ssl_cert_file";
    throw new BusConfigError(missing, "must be given: key and certificate belong together");
  }
}
