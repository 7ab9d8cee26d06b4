/**
 * `unreachable`: nobody answered. `login-refused`, `vhost-refused`: the broker said no. `tls`: the secured session failed.
 * `protocol`: whoever answered does not speak as a broker does.
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
  if (/NOT_ALLOWED|vhost/i.test(message)) {
    return new ConnectFailure("vhost-refused", address, "the broker refused the virtual host (NOT_ALLOWED)");
  }
  if (message.includes("ETIMEDOUT")) return new ConnectFailure("unreachable", address, "no answer in time");
  if (UNREACHABLE.has(code)) return new ConnectFailure("unreachable", address, code);
  if (/CERT|SSL|TLS|EPROTO|SIGNATURE|ISSUER|ENOENT|EACCES|EISDIR/.test(code))
    return new ConnectFailure("tls", address, `${code}: ${message}`);
  if (message.includes("SASL mechanism")) return new ConnectFailure("protocol", address, message);
  if (message.includes("Socket closed abruptly")) {
    return new ConnectFailure("protocol", address, "the connection was closed in the opening handshake");
  }
  return new ConnectFailure("protocol", address, message);
}

function described(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return { code, message: error.message || (cause instanceof Error ? cause.message : "") };
}
