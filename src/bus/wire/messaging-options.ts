import { type OptionValues, type ReadOptions, readOptions } from "./option-table.js";
import { flag, integer, list, text } from "./option-type.js";

/** What the `[DEFAULT]` group says of messaging; the rest of that group belongs to others (wire §14). */
const defaults = {
  transport_url: text(),
  control_exchange: text(),
  /** Seconds a call waits when its caller does not say. */
  rpc_response_timeout: integer(60, { min: 1 }),
  /** Methods that run at once in one server. */
  executor_thread_pool_size: integer(64, { min: 1 }),
  rpc_ping_enabled: flag(false),
} as const;

/** Messaging options of `[DEFAULT]`. `control_exchange` is undefined when not given: each service has its own default. */
export type MessagingOptions = OptionValues<typeof defaults>;

/** Reads the messaging options of `[DEFAULT]`. @throws BusConfigError */
export function readMessagingOptions(section: Readonly<Record<string, string>> = {}): MessagingOptions {
  return readOptions(defaults, section, { rpc_thread_pool_size: "executor_thread_pool_size" }).values;
}

const notifications = {
  driver: list([]),
  /** The transport of the RPCs when not given. */
  transport_url: text(),
  topics: list(["notifications"]),
  retry: integer(-1, { min: -1 }),
} as const;

/** Options of `[oslo_messaging_notifications]`. */
export type NotificationOptions = OptionValues<typeof notifications>;

/** Reads `[oslo_messaging_notifications]`. @throws BusConfigError */
export function readNotificationOptions(
  section: Readonly<Record<string, string>> = {},
): ReadOptions<typeof notifications> {
  return readOptions(notifications, section);
}
