import { isIP } from "node:net";
import type { PoolOptions, SslOptions } from "mysql2";
import { badConnection, checkOptions, type ServerAddress } from "../server-url.js";
import { pemOf, switchOf } from "../tls-files.js";

const known = [
  "charset",
  "unix_socket",
  "ssl_ca",
  "ssl_cert",
  "ssl_key",
  "ssl_verify_cert",
  "ssl_verify_identity",
  "ssl_disabled",
];

/**
 * What the driver is told. The options are PyMySQL's, which OpenStack's own services use.
 * Refusals: INVALID_ARGUMENT.
 */
export function mariadbSettings(address: ServerAddress): PoolOptions {
  checkOptions(address, known);
  const { options } = address;
  const charset = options.get("charset")?.toLowerCase() ?? "utf8mb4";
  if (!["utf8", "utf8mb3", "utf8mb4"].includes(charset)) throw badConnection("option charset: must be utf8mb4");
  const socketPath = options.get("unix_socket");
  const ssl = tlsOf(options);
  // The driver compares a certificate with host names only, and takes one for `localhost` at any address (mysql2, startTLS).
  if (ssl?.verifyIdentity === true && isIP(address.host.replace(/^\[|\]$/g, "")) !== 0) {
    throw badConnection("option ssl_verify_identity: needs the server's host name, not its address");
  }
  return {
    ...(socketPath === undefined ? { host: address.host, port: address.port ?? 3306 } : { socketPath }),
    user: address.user,
    password: address.revealPassword(),
    database: address.database,
    charset: "utf8mb4_bin",
    ...(ssl === undefined ? {} : { ssl }),
  };
}

function tlsOf(options: ReadonlyMap<string, string>): SslOptions | undefined {
  const [ca, cert, key] = [pemOf(options, "ssl_ca"), pemOf(options, "ssl_cert"), pemOf(options, "ssl_key")];
  const certificate = switchOf(options, "ssl_verify_cert");
  const identity = switchOf(options, "ssl_verify_identity");
  if (switchOf(options, "ssl_disabled") === true) return undefined;
  if (![...options.keys()].some((name) => name.startsWith("ssl_"))) return undefined;
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    rejectUnauthorized: certificate ?? (ca !== undefined || identity === true),
    verifyIdentity: identity ?? false,
  };
}
