import { type ChannelCredentials, credentials } from "@grpc/grpc-js";

/** How a client speaks TLS. PEM. */
export interface ClientTls {
  /** Who may vouch for the service. */
  readonly authorities: Buffer;
  /** What we show; unset: nothing. */
  readonly own?: { readonly certificate: Buffer; readonly key: Buffer };
}

/** @throws Error of OpenSSL for certificates that cannot be used */
export function channelCredentials(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { authorities, own } = tls;
  return credentials.createSsl(authorities, own?.key ?? null, own?.certificate ?? null);
}
