import type { RabbitOptions } from "../wire/options.js";
import type { TransportHost, TransportUrl } from "../wire/transport-url.js";
import type { BackOffSettings } from "./back-off.js";
import { type TlsSettings, tlsSettings } from "./tls-settings.js";

/** For reaching a host and for its handshake together. Short, since a host that says nothing keeps the others waiting. */
const CONNECT_TIMEOUT_MS = 10_000;

/** All that a connection needs to know. */
export interface ConnectionSettings {
  /** Shown in the broker's management pages. */
  readonly name: string;
  readonly hosts: readonly TransportHost[];
  readonly virtualHost: string;
  readonly loginMethod: "PLAIN" | "AMQPLAIN" | "EXTERNAL";
  /** Seconds; 0 for none. */
  readonly heartbeatSeconds: number;
  readonly connectTimeoutMs: number;
  readonly backOff: BackOffSettings;
  /** `kombu_reconnect_splay`: a lost connection is replaced after a random part of it, so that a fleet does not come at once. */
  readonly splayMs: number;
  /** Unset: not secured. */
  readonly tls?: TlsSettings;
}

/**
 * Reads the settings out of a transport URL and the options that go with it.
 * @param name shown in the broker's management pages; Python's form is `program:pid:uuid`
 * @throws BusConfigError naming an `ssl_*` option that cannot work
 */
export function connectionSettings(url: TransportUrl, options: RabbitOptions, name: string): ConnectionSettings {
  return {
    name,
    hosts: url.hosts,
    virtualHost: url.virtualHost,
    loginMethod: loginMethod(options),
    heartbeatSeconds: options.heartbeat_timeout_threshold,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    backOff: {
      startMs: options.rabbit_retry_interval * 1000,
      stepMs: options.rabbit_retry_backoff * 1000,
      maxMs: options.rabbit_interval_max * 1000,
    },
    splayMs: options.kombu_reconnect_splay * 1000,
    ...(options.ssl ? { tls: tlsSettings(options) } : {}),
  };
}

function loginMethod(options: RabbitOptions): ConnectionSettings["loginMethod"] {
  switch (options.rabbit_login_method) {
    case "PLAIN":
    case "EXTERNAL":
      return options.rabbit_login_method;
    default:
      return "AMQPLAIN";
  }
}
