import { option, withDefault } from "./option.js";
import { hostName, integer, listOf, oneOf } from "./types.js";

const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,200}$/;

/** Who is told what callers did ([audit.md](audit.md)). */
export const auditOptions = {
  auditTopics: withDefault(
    option(
      "audit.topics",
      listOf("topics separated by commas", (text) => (TOPIC.test(text) ? text : undefined)),
      "Topics on which each call that may change something is told as a notification ([audit.md](audit.md)), such as `configdrive_audit`. Somebody has to listen: what nobody takes stays in the broker's queue. None: nothing is told.",
    ),
    "",
  ),
  auditExchange: withDefault(
    option(
      "audit.exchange",
      hostName,
      "The `control_exchange` of those who listen. One of its own, so that they need no right to the exchange of requests.",
    ),
    "configdrive_notifications",
  ),
  auditDriver: withDefault(
    option(
      "audit.driver",
      oneOf("messagingv2", "messaging"),
      "The form of the notifications, as oslo.messaging names its drivers: with an envelope or without.",
    ),
    "messagingv2",
  ),
  auditBuffer: withDefault(
    option(
      "audit.buffer",
      integer(1, 1_000_000),
      "How many audit events are kept in memory, some 1 KiB each, while the broker is away. What comes when it is full is dropped, and counted.",
    ),
    "10000",
  ),
} as const;
