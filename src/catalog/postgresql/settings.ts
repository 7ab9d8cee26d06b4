import type { PoolConfig } from "pg";
import { badConnection, checkOptions, type ServerAddress } from "../server-url.js";
import { pemOf } from "../tls-files.js";

const known = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "client_encoding", "application_name"];

type Tls = Exclude<PoolConfig["ssl"], undefined>;

/**
 * What the driver is told. The options are libpq's (PostgreSQL manual, "Connection Strings" and "SSL Support") as far as they
 * can be kept: `prefer` and `allow` fall back to a connection that is not encrypted, which nobody should have by mistake.
 * Refusals: INVALID_ARGUMENT.
 */
export function postgresqlSettings(address: ServerAddress): PoolConfig {
  checkOptions(address, known);
  const { options } = address;
  const encoding = options.get("client_encoding")?.toLowerCase().replace("-", "");
  if (encoding !== undefined && encoding !== "utf8") throw badConnection("option client_encoding: must be utf8");
  const host = options.get("host") ?? address.host;
  if (host.includes(",")) throw badConnection("host: one server; for several, name a proxy or a virtual address");
  return {
    host,
    port: address.port ?? 5432,
    user: address.user,
    password: address.revealPassword(),
    database: address.database,
    ssl: tlsOf(options),
    application_name: options.get("application_name") ?? "configdrive",
  };
}

function tlsOf(options: ReadonlyMap<string, string>): Tls {
  const mode = options.get("sslmode") ?? (options.has("sslrootcert") ? "verify-full" : "disable");
  const [ca, cert, key] = [pemOf(options, "sslrootcert"), pemOf(options, "sslcert"), pemOf(options, "sslkey")];
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  switch (mode) {
    case "disable":
      return false;
    case "require":
      // As libpq has it: with a root certificate, `require` verifies the server's like `verify-ca`.
      return { ...files, rejectUnauthorized: ca !== undefined, checkServerIdentity: () => undefined };
    case "verify-ca":
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...files, rejectUnauthorized: true };
    default:
      throw badConnection("option sslmode: must be disable, require, verify-ca or verify-full");
  }
}
