import type { ClientTls } from "#grpc/client-tls.js";
import type { ConnectOptions } from "./options.js";

/** Addresses that stay on this machine. */
const HERE = /^(unix:|(dns:\/*)?(localhost|127(\.\d+){3}|\[::1\])(:|$))/;

/**
 * How the channel speaks TLS. @throws TypeError where options do not go together, or a token would travel in the clear to another machine
 */
export function tlsOf({ target, tls, token }: ConnectOptions): ClientTls | undefined {
  if (tls === undefined) {
    if (token !== undefined && !HERE.test(target))
      throw new TypeError(`${target}: a token goes to another machine with TLS only`);
    return undefined;
  }
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) throw new TypeError("tls: cert and key go together");
  const authorities = Buffer.from(ca);
  if (cert === undefined || key === undefined) return { authorities };
  return { authorities, own: { certificate: Buffer.from(cert), key: Buffer.from(key) } };
}
