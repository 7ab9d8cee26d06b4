import { ConnectFailure, type ConnectFailureKind } from "#bus/amqp/connect-failure.js";
import { openSession } from "#bus/amqp/open-session.js";
import type { Logger } from "#bus/ports.js";
import { systemClock } from "#bus/system.js";
import type { TransportHost } from "#bus/wire/transport-url.js";
import type { BusConfig } from "../config/bus.js";
import { type Finding, fine, wrong } from "./finding.js";
import { rights } from "./rights.js";

/** What to do about a broker that cannot be used; `user` and `vhost` are those of `transport_url`. */
const ADVICE: Readonly<Record<ConnectFailureKind, (user: string, vhost: string) => string>> = {
  unreachable: () => "Is the broker up, and are host and port in transport_url its own? Does a firewall stand between?",
  "login-refused": (user) =>
    `Give transport_url the user and password of the broker (rabbitmqctl authenticate_user ${user} PASSWORD).`,
  "vhost-refused": (user, vhost) =>
    `Name the virtual host that nova uses after the last / of transport_url, or let the user in: rabbitmqctl set_permissions -p ${vhost} ${user} '.*' '.*' '.*'.`,
  tls: () => "Look at the ssl_* options of [oslo_messaging_rabbit], and whether this port of the broker speaks TLS.",
  protocol: () => "Whatever listens there is no AMQP 0-9-1 broker, or expects TLS: look at host, port and ssl.",
};

/** Whether each broker of `transport_url` lets us in, and what the user may do there. */
export async function brokers({ url, connection }: BusConfig, logger: Logger, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const host of url.hosts) {
    const subject = `broker ${host.hostname}:${host.port}`;
    try {
      const session = await openSession(host, connection, () => undefined, { logger, clock: systemClock }, signal);
      try {
        findings.push(fine(subject, `lets ${host.username} in`));
        findings.push(await rights(session, host.username, connection.virtualHost));
      } finally {
        await session.close(signal);
      }
    } catch (error) {
      if (!(error instanceof ConnectFailure)) throw error;
      findings.push(wrong(subject, error.message, adviceFor(error, host, connection.virtualHost)));
    }
  }
  return findings;
}

function adviceFor({ kind }: ConnectFailure, { username }: TransportHost, vhost: string): string {
  return ADVICE[kind](username, vhost);
}
