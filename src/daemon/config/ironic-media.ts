import { createSecureContext } from "node:tls";
import { isNativeError } from "node:util/types";
import { parseTlsAddress } from "#grpc/listen-address.js";
import { bytesOf } from "./bytes-of.js";
import { ConfigError } from "./config-error.js";
import type { Config } from "./options.js";

/** Where images for virtual media are served. */
export interface IronicMediaSettings {
  readonly host: string;
  readonly port: number;
  /** How Ironic's conductors get there. */
  readonly url: string;
  /** Files in PEM, which were read and tried; unset: HTTP, as behind a proxy that has TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/**
 * Where Ironic's conductors fetch virtual media; `undefined` where there is none.
 * @throws ConfigError for options that fit neither together nor to their files, for those that nothing would come of, and for images in the clear
 */
export function ironicMediaSettings(config: Config): IronicMediaSettings | undefined {
  const { ironicMediaListen: listen, ironicMediaUrl: url } = config;
  if (listen === undefined) {
    const idle = givenBeside(config).map(
      (name) => `[ironic] ${name}: needs media_listen: without it nothing is served`,
    );
    if (idle.length > 0) throw new ConfigError(idle);
    return undefined;
  }
  if (url === undefined) throw new ConfigError([`[ironic] media_listen = ${listen}: needs media_url`]);
  const tls = pairOf(config);
  requirePrivate(url, tls !== undefined, config.ironicMediaPlainHttp);
  const { host, port } = parseTlsAddress(listen);
  return { host, port, url, ...(tls === undefined ? {} : { tls }) };
}

/** The options that say how images are served, as far as they are given. */
function givenBeside(config: Config): readonly string[] {
  const { ironicMediaUrl, ironicMediaCertificate, ironicMediaKey, ironicMediaPlainHttp } = config;
  const given = {
    media_url: ironicMediaUrl !== undefined,
    media_certificate: ironicMediaCertificate !== undefined,
    media_key: ironicMediaKey !== undefined,
    media_allow_plain_http: ironicMediaPlainHttp,
  };
  return Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
}

/** The certificate and its key; `undefined` for neither. */
function pairOf({ ironicMediaCertificate: certificate, ironicMediaKey: key }: Config): IronicMediaSettings["tls"] {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined) throw new ConfigError([`[ironic] media_key = ${key}: needs media_certificate`]);
  if (key === undefined) throw new ConfigError([`[ironic] media_certificate = ${certificate}: needs media_key`]);
  const pair = {
    cert: bytesOf("[ironic] media_certificate", certificate),
    key: bytesOf("[ironic] media_key", key),
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    // OpenSSL says what is wrong and not with which file; it never repeats a key.
    const why = isNativeError(error) ? error.message : String(error);
    throw new ConfigError([`[ironic] media_certificate, media_key: cannot be used: ${why}`]);
  }
  return { certificate, key };
}

/** Images hold passwords and keys: they go over plain HTTP only where somebody has said so. */
function requirePrivate(url: string, hasTls: boolean, isPlainAllowed: boolean): void {
  if (new URL(url).protocol === "https:") return;
  const refused = (why: string) => new ConfigError([`[ironic] media_url = ${url}: ${why}`]);
  if (hasTls) throw refused("must be https://: media_listen has a certificate");
  if (isPlainAllowed) return;
  throw refused(
    "images would go in the clear, with the secrets in them; use https:// with media_certificate and media_key, or set media_allow_plain_http = true",
  );
}
