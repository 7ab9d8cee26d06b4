import { isIP } from "node:net";
import { dirname } from "node:path";
import { Refusal } from "#drive/refusal.js";

/** Where the gRPC door listens. */
export type ListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** `sun_path` holds 108 bytes with its NUL (unix(7)). */
const SOCKET_PATH_BYTES = 107;
/** What `placeSocket` needs below the socket's directory while it binds. */
const BINDING_BYTES = "/.s-XXXXXX/s".length;

/** The options that say where. */
export type ListenOption = "listen" | "tls_listen";

/**
 * Reads `unix:/path`, `127.0.0.1:port`, `[::1]:port` or `localhost:port`; port 0 takes a free one.
 * @throws Refusal INVALID_ARGUMENT for anything else: without TLS the door opens to this machine only
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith("unix:")) return unixAddress(text, text.slice("unix:".length));
  const address = tcpAddress(text, "must be unix:/path or host:port, an IPv6 address in brackets", "listen");
  if (!isLoopback(address.host)) {
    throw listenRefusal(
      text,
      "only unix:/path, 127.0.0.1, [::1] and localhost are served without TLS; tls_listen serves others",
    );
  }
  return address;
}

/**
 * Reads `host:port` of any address of this machine; port 0 takes a free one.
 * @throws Refusal INVALID_ARGUMENT for anything else
 */
export function parseTlsAddress(text: string): ListenAddress & { kind: "tcp" } {
  return tcpAddress(text, "must be host:port, an IPv6 address in brackets", "tls_listen");
}

function tcpAddress(text: string, form: string, option: ListenOption): ListenAddress & { kind: "tcp" } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw listenRefusal(text, form, undefined, option);
  const host = match[1] ?? match[2] ?? "";
  const port = Number(match[3]);
  if (port > 65535) throw listenRefusal(text, "the port must be from 0 to 65535", undefined, option);
  return { kind: "tcp", host, port };
}

/** The address as gRPC's name resolution takes it. */
export function formatTarget(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${isIP(address.host) === 6 ? `[${address.host}]` : address.host}:${address.port}`;
}

function unixAddress(text: string, path: string): ListenAddress {
  if (!path.startsWith("/")) throw listenRefusal(text, "the socket's path must be absolute");
  const bytes = Math.max(Buffer.byteLength(path), Buffer.byteLength(dirname(path)) + BINDING_BYTES);
  if (bytes > SOCKET_PATH_BYTES) {
    const rule = `a socket's path has at most ${SOCKET_PATH_BYTES} bytes, its directory ${SOCKET_PATH_BYTES - BINDING_BYTES}`;
    throw listenRefusal(text, rule);
  }
  return { kind: "unix", path };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A refusal of the configured address. */
export function listenRefusal(text: string, rule: string, cause?: unknown, option: ListenOption = "listen"): Refusal {
  return new Refusal("INVALID_ARGUMENT", `[grpc] ${option} = ${text}: ${rule}`, {
    violations: [{ field: `grpc.${option}`, rule }],
    metadata: { field: `grpc.${option}` },
    ...(cause === undefined ? {} : { cause }),
  });
}
