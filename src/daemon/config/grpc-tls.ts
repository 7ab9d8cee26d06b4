import { isNativeError } from "node:util/types";
import type { Identities } from "#api/policy/identities.js";
import { readIdentities } from "#api/policy/identities-file.js";
import { PolicyError } from "#api/policy/policy.js";
import type { TlsDoor } from "#grpc/server.js";
import { contextOptions, type TlsMaterial } from "#grpc/tls-credentials.js";
import { bytesOf } from "./bytes-of.js";
import { ConfigError } from "./config-error.js";
import type { Config } from "./options.js";
import { readText } from "./read-text.js";

/**
 * The door to other machines, its files read and tried; `undefined` where it stays closed.
 * @throws ConfigError for files that are missing, cannot be read or do not fit together, and for a door that nobody could use
 */
export function loadGrpcTls(config: Config): TlsDoor | undefined {
  const { grpcTlsListen: listen, grpcTlsCertificate, grpcTlsKey, grpcClientCa, grpcClientCrl } = config;
  if (listen === undefined) return undefined;
  const { grpcIdentitiesFile } = config;
  const needs = (name: string) => new ConfigError([`[grpc] tls_listen = ${listen}: needs ${name}`]);
  if (grpcTlsCertificate === undefined || grpcTlsKey === undefined) throw needs("tls_certificate and tls_key");
  if (grpcClientCa === undefined && (grpcClientCrl ?? grpcIdentitiesFile) !== undefined) throw needs("client_ca");
  if (grpcIdentitiesFile === undefined && config.keystoneUrl === undefined) {
    throw needs("identities_file or [keystone_authtoken] auth_url: nobody could say who they are");
  }
  const material: TlsMaterial = {
    certificate: bytesOf("[grpc] tls_certificate", grpcTlsCertificate),
    key: bytesOf("[grpc] tls_key", grpcTlsKey),
    minVersion: config.grpcTlsMinimum === "1.3" ? "TLSv1.3" : "TLSv1.2",
    ...(grpcClientCa === undefined ? {} : { clientAuthorities: bytesOf("[grpc] client_ca", grpcClientCa) }),
    ...(grpcClientCrl === undefined ? {} : { clientRevocations: bytesOf("[grpc] client_crl", grpcClientCrl) }),
  };
  try {
    contextOptions(material);
  } catch (error) {
    // OpenSSL says what is wrong and not with which file; it never repeats a key.
    throw new ConfigError([`[grpc] tls_certificate, tls_key, client_ca, client_crl: cannot be used: ${textOf(error)}`]);
  }
  return {
    listen,
    material,
    ...(grpcIdentitiesFile === undefined ? {} : { identities: identitiesOf(grpcIdentitiesFile) }),
  };
}

function identitiesOf(file: string): Identities {
  try {
    return readIdentities(readText(file));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new ConfigError(error.problems.map(({ line, message }) => `${file}:${line}: ${message}`));
  }
}

function textOf(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}
