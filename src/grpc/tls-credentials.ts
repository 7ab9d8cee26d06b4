import { createSecureContext, type SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";

/** The files of a TLS listener, read. PEM. */
export interface TlsMaterial {
  /** The server's certificate, and those between it and its authority. */
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** Who may vouch for clients; unset: clients are asked for no certificate. */
  readonly clientAuthorities?: Buffer;
  /** Certificates of clients that their authority took back. */
  readonly clientRevocations?: Buffer;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

/** Of TLS 1.2 only what HTTP/2 allows (RFC 9113, 9.2.2): forward secrecy and authenticated encryption. */
const CIPHERS = [
  ...["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"],
  ...["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ...["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
  ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
].join(":");

/** @throws Error of Node.js or OpenSSL for material that cannot be used, such as a key of another certificate */
export function contextOptions(material: TlsMaterial): SecureContextOptions {
  const { certificate, key, clientAuthorities, clientRevocations, minVersion } = material;
  const options: SecureContextOptions = {
    cert: certificate,
    key,
    minVersion,
    ciphers: CIPHERS,
    ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
    ...(clientRevocations === undefined ? {} : { crl: clientRevocations }),
  };
  createSecureContext(options);
  return options;
}

/** The server's side of TLS, whose certificates can be exchanged while it listens. */
export class TlsCredentials extends ServerCredentials {
  /** @throws Error for material that cannot be used */
  constructor(material: TlsMaterial) {
    // With an authority nobody gets through the handshake without a certificate that it vouches for.
    const asks = material.clientAuthorities !== undefined;
    super({ requestCert: asks, rejectUnauthorized: asks }, contextOptions(material));
  }

  /**
   * New connections get the new material; those that are open stay. Whether clients are asked for certificates stays as it was.
   * @throws Error for material that cannot be used: what was there stays in use
   */
  exchange(material: TlsMaterial): void {
    this.updateSecureContextOptions(contextOptions(material));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
