import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type ConnectionOptions, getCACertificates, type SecureVersion } from "node:tls";
import { isNativeError } from "node:util/types";
import { BusConfigError } from "../wire/bus-config-error.js";
import type { RabbitOptions } from "../wire/options.js";
import { enforceFipsMode } from "./fips-mode.js";

/** The `ssl_*` options of a transport. */
export interface TlsSettings {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Unset: the newest that both sides know. */
  readonly version?: SecureVersion;
  readonly verifyHostname: boolean;
}

/** The names that Python's `ssl` module gives to versions; `SSLv23` has always meant "whatever both know". */
const versions: Readonly<Record<string, SecureVersion>> = { TLSv1: "TLSv1", TLSv1_1: "TLSv1.1", TLSv1_2: "TLSv1.2" };

/**
 * Reads the `ssl_*` options. With `ssl_enforce_fips_mode` it switches OpenSSL's FIPS mode on for the process, as oslo.messaging does.
 * @throws BusConfigError naming the option whose file cannot be read or holds no PEM, or when this OpenSSL has no FIPS provider
 */
export function tlsSettings(options: RabbitOptions): TlsSettings {
  if (options.ssl_enforce_fips_mode) enforceFipsMode();
  const version = versions[options.ssl_version ?? ""];
  return {
    ...(options.ssl_ca_file === undefined ? {} : { caFile: pemFile("ssl_ca_file", options.ssl_ca_file) }),
    ...(options.ssl_cert_file === undefined ? {} : { certFile: pemFile("ssl_cert_file", options.ssl_cert_file) }),
    ...(options.ssl_key_file === undefined ? {} : { keyFile: pemFile("ssl_key_file", options.ssl_key_file) }),
    ...(version === undefined ? {} : { version }),
    verifyHostname: options.ssl_enforce_hostname_verification,
  };
}

/** The path, if there is a PEM file: a mistake shows at start and by its option's name, not in the first handshake. */
function pemFile(option: string, path: string): string {
  let content: string;
  try {
    content = readFileSync(path, "latin1");
  } catch (error) {
    throw new BusConfigError(option, isNativeError(error) ? error.message : "cannot be read");
  }
  if (!content.includes("-----BEGIN ")) throw new BusConfigError(option, `${path} holds no PEM block`);
  return path;
}

/**
 * What Node needs to know for a secured connection. Files are read each time, so that a renewed certificate serves the next connection.
 *
 * The chain is always verified: against `ssl_ca_file`, or else against the system's authorities. The host's name is verified only with
 * `ssl_enforce_hostname_verification`.
 * @throws Error of the file system that names the file
 */
export async function tlsConnectionOptions(settings: TlsSettings): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    settings.caFile === undefined ? getCACertificates("system") : readFile(settings.caFile),
    settings.certFile === undefined ? undefined : readFile(settings.certFile),
    settings.keyFile === undefined ? undefined : readFile(settings.keyFile),
  ]);
  return {
    ca,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(settings.version === undefined ? {} : { minVersion: settings.version, maxVersion: settings.version }),
    ...(settings.verifyHostname ? {} : { checkServerIdentity: () => undefined }),
    rejectUnauthorized: true,
  };
}
