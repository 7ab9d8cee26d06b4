import { readFile } from "node:fs/promises";
import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { LibvirtUnreachable } from "./remote-error.js";
import { type LibvirtUri, placeOf } from "./uri.js";

/** Who we are and whom we believe, as PEM files. They are read at each connection, so that new ones need no restart. */
export interface TlsFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where libvirt's own programs look for a client's files ("TLS certificates", Table of locations). */
export const DEFAULT_TLS_FILES: TlsFiles = {
  authority: "/etc/pki/CA/cacert.pem",
  certificate: "/etc/pki/libvirt/clientcert.pem",
  key: "/etc/pki/libvirt/private/clientkey.pem",
};

/** A daemon, and what a TLS connection to it needs. */
export interface Endpoint {
  readonly uri: LibvirtUri;
  /** Unset: where libvirt's own programs look. */
  readonly tls?: TlsFiles;
}

/** What libvirt sends once it has accepted a client's certificate (virnettlscontext.c, virNetServerClientCheckAccess). */
const ACCEPTED = 1;

/**
 * Opens the byte stream to a daemon; it is paused. Over TLS the daemon must prove that it is the host of the URI, and must have
 * accepted our certificate. Throws `LibvirtUnreachable`, or the signal's reason.
 */
export async function dial({ uri, tls = DEFAULT_TLS_FILES }: Endpoint, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = await open(uri, tls);
  const opened = Promise.withResolvers<void>();
  const fail = (why: string, cause?: unknown) =>
    opened.reject(new LibvirtUnreachable(placeOf(uri), why, cause === undefined ? undefined : { cause }));
  const abort = () => opened.reject(signal.reason);
  socket.once("error", (error: NodeJS.ErrnoException) => fail(describe(error), error));
  socket.once("close", () => fail("closed before it took this service in: does it accept its certificate?"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  if (uri.transport === "tls") {
    socket.once("data", (first: Buffer) => {
      socket.pause();
      if (first[0] !== ACCEPTED) fail("it does not greet as libvirt does over TLS");
      else if (first.length > 1) fail("it speaks before it is asked");
      else opened.resolve();
    });
  } else socket.once("connect", () => opened.resolve());
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function open(uri: LibvirtUri, tls: TlsFiles): Promise<Socket> {
  if (uri.transport === "unix") return createConnection(uri.socket);
  const { host, port } = uri;
  if (uri.transport === "tcp") return createConnection({ host, port });
  const read = async (file: string) => {
    try {
      return await readFile(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new LibvirtUnreachable(placeOf(uri), `its TLS file cannot be read: ${why}`, { cause: error });
    }
  };
  const [ca, cert, key] = [await read(tls.authority), await read(tls.certificate), await read(tls.key)];
  const name = isIP(host) === 0 ? { servername: host } : {};
  try {
    return connectTls({ host, port, ca, cert, key, minVersion: "TLSv1.2", ...name });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LibvirtUnreachable(placeOf(uri), `its TLS files are of no use: ${why}`, { cause: error });
  }
}

/** A system's error by its code; what TLS found wrong in words, too. */
function describe(error: NodeJS.ErrnoException): string {
  if (error.syscall !== undefined && error.code !== undefined) return error.code;
  return error.code === undefined ? error.message : `${error.code}: ${error.message}`;
}
