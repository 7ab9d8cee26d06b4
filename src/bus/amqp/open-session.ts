import { type ChannelModel, connect, credentials, type Options, type SocketOptions } from "amqplib";
import type { Clock, Logger } from "../ports.js";
import type { TransportHost } from "../wire/transport-url.js";
import { BrokerSession } from "./broker-session.js";
import { connectFailure } from "./connect-failure.js";
import type { ConnectionSettings } from "./connection-settings.js";
import { encodeDirectly } from "./encode-directly.js";
import { gatherWrites } from "./gather-writes.js";
import { libraryConnection } from "./library-connection.js";
import { readDirectly } from "./read-directly.js";
import { tlsConnectionOptions } from "./tls-settings.js";

/** A quiet connection whose peer vanished is found out by the kernel after about twenty seconds, even without AMQP heartbeats. */
const KEEP_ALIVE_IDLE_MS = 10_000;

/**
 * Connects to one host and logs in.
 * @throws ConnectFailure, whatever went wrong; or the signal's reason when it aborts first.
 */
export async function openSession(
  host: TransportHost,
  settings: ConnectionSettings,
  onBlocked: (reason: string | undefined) => void,
  ports: { logger: Logger; clock: Clock },
  signal: AbortSignal,
): Promise<BrokerSession> {
  const address = `${host.hostname}:${host.port}`;
  const socket = new AbortController();
  const destroySocket = (): void => socket.abort();
  signal.addEventListener("abort", destroySocket, { once: true });
  const timeout = ports.clock.after(settings.connectTimeoutMs, destroySocket);
  try {
    const model = await connect(urlOf(host, settings), await socketOptions(host, settings, socket.signal));
    shortenWays(model);
    return new BrokerSession(model, address, destroySocket, onBlocked, ports);
  } catch (error) {
    signal.throwIfAborted();
    throw connectFailure(address, error);
  } finally {
    timeout.stop();
    signal.removeEventListener("abort", destroySocket);
  }
}

/** Frames need not pass through streams on either way: a sixth of what a server's call costs. Encoding those of a call is as much again. */
function shortenWays(model: ChannelModel): void {
  const connection = libraryConnection(model.connection);
  if (connection === undefined) return;
  encodeDirectly(connection);
  gatherWrites(connection);
  readDirectly(connection.stream);
}

function urlOf(host: TransportHost, settings: ConnectionSettings): Options.Connect {
  return {
    protocol: settings.tls === undefined ? "amqp" : "amqps",
    hostname: host.hostname,
    port: host.port,
    heartbeat: settings.heartbeatSeconds,
    // The library percent-decodes the name even when it is given apart from a URL.
    vhost: encodeURIComponent(settings.virtualHost),
  };
}

/** The library hands these on to Node's socket, which also takes a signal that destroys it. */
async function socketOptions(
  host: TransportHost,
  settings: ConnectionSettings,
  signal: AbortSignal,
): Promise<SocketOptions & { signal: AbortSignal }> {
  return {
    signal,
    ...(settings.tls === undefined ? {} : await tlsConnectionOptions(settings.tls)),
    credentials: credentialsFor(host, settings.loginMethod),
    noDelay: true,
    keepAlive: true,
    keepAliveDelay: KEEP_ALIVE_IDLE_MS,
    timeout: settings.connectTimeoutMs,
    clientProperties: { product: "configdrive-bridge", connection_name: settings.name },
  };
}

function credentialsFor(host: TransportHost, method: ConnectionSettings["loginMethod"]): SocketOptions["credentials"] {
  switch (method) {
    case "EXTERNAL":
      return credentials.external();
    case "PLAIN":
      return credentials.plain(host.username, host.password.reveal());
    case "AMQPLAIN":
      return credentials.amqplain(host.username, host.password.reveal());
  }
}
