import { isNativeError } from "node:util/types";

/**
 * `unreachable`: nobody answered, or a relay did that has no broker behind it for now. `login-refused`, `vhost-refused`: the broker
 * said no. `tls`: the secured session failed. `protocol`: whoever answered does not speak as a broker does.
 */
export type ConnectFailureKind = "unreachable" | "login-refused" | "vhost-refused" | "tls" | "protocol";

/** Why a broker could not be used. The message names the address and never a credential. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  constructor(
    readonly kind: ConnectFailureKind,
    /** `host:port` */
    readonly address: string,
    explanation: string,
  ) {
    super(`${address}: ${explanation}`);
  }
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ABORT_ERR",
]);

/** Sorts what the AMQP library throws while it opens a connection. */
export function connectFailure(address: string, error: unknown): ConnectFailure {
  const { code, message } = described(error);
  if (message.includes("ACCESS_REFUSED")) {
    return new ConnectFailure("login-refused", address, "the broker refused the login (ACCESS_REFUSED)");
  }
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(message)) {
    const explanation = "the broker refused the virtual host: there is none of that name, or this user may not use it";
    return new ConnectFailure("vhost-refused", address, explanation);
  }
  if (message.includes("ETIMEDOUT")) return new ConnectFailure("unreachable", address, "no answer in time");
  if (UNREACHABLE.has(code)) return new ConnectFailure("unreachable", address, code);
  if (/CERT|SSL|TLS|EPROTO|SIGNATURE|ISSUER|ENOENT|EACCES|EISDIR/.test(code))
    return new ConnectFailure("tls", address, `${code}: ${message}`);
  if (message.includes("SASL mechanism")) return new ConnectFailure("protocol", address, message);
  // A broker says why it refuses somebody, so this is a load balancer or a port relay in front of none.
  if (message.includes("Socket closed abruptly")) {
    return new ConnectFailure("unreachable", address, "the connection was closed in the opening handshake");
  }
  return new ConnectFailure("protocol", address, message);
}

function described(error: unknown): { code: string; message: string } {
  if (!isNativeError(error)) return { code: "", message: String(error) };
  // Several addresses of one name were tried: the first one's error stands for all.
  const first: unknown = "errors" in error && Array.isArray(error.errors) ? error.errors[0] : error;
  const cause = isNativeError(first) ? first : error;
  return { code: "code" in cause ? String(cause.code) : "", message: error.message || cause.message };
}
