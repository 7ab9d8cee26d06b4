/** Where a libvirt daemon is, and which of its drivers is meant. */
export type LibvirtUri = UnixUri | RemoteUri;

interface UnixUri {
  readonly transport: "unix";
  readonly socket: string;
  /** What the daemon is asked to open. */
  readonly driver: "qemu:///system" | "qemu:///session";
}

interface RemoteUri {
  readonly transport: "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  readonly driver: "qemu:///system";
}

/** The form of a URI, for people. */
export const URI_FORM =
  "`qemu:///system`, `qemu+unix:///system?socket=/path` (or `session` with a socket), `qemu+tls://host/system` or `qemu+tcp://host/system` (a port may follow the host)";

const SYSTEM_SOCKET = "/run/libvirt/libvirt-sock";
/** libvirtd's LIBVIRTD_TLS_PORT and LIBVIRTD_TCP_PORT. */
const PORTS = { tls: 16514, tcp: 16509 } as const;
const LOCAL = /^qemu(?:\+unix)?:\/\/\/(system|session)(?:\?socket=(\/[^?&#]+))?$/;
const REMOTE = /^qemu(?:\+(tcp|tls))?:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]*))(?::(\d{1,5}))?\/system$/;

/**
 * Reads a URI as libvirt writes them (its "Connection URIs"), of those the ones that need no program in between; `undefined` for
 * any other. A host without a transport means TLS, as there.
 */
export function parseUri(text: string): LibvirtUri | undefined {
  return parseLocal(text) ?? parseRemote(text);
}

/** The URI that a text is; throws `RangeError` where `uriProblem` has something to say. */
export function requireUri(text: string): LibvirtUri {
  const uri = parseUri(text);
  if (uri === undefined) throw new RangeError(`${text}: ${uriProblem(text)}`);
  return uri;
}

/** What is wrong with a URI; `undefined` when nothing is. */
export function uriProblem(text: string): string | undefined {
  return parseUri(text) === undefined ? `must be ${URI_FORM}` : undefined;
}

/** Where a daemon listens, for people: a socket's path, or host and port. */
export function placeOf(uri: LibvirtUri): string {
  if (uri.transport === "unix") return uri.socket;
  return `${uri.host.includes(":") ? `[${uri.host}]` : uri.host}:${uri.port}`;
}

function parseLocal(text: string): LibvirtUri | undefined {
  const [, driver, socket] = LOCAL.exec(text) ?? [];
  const path = decode(socket);
  if (driver === "system") return { transport: "unix", driver: "qemu:///system", socket: path ?? SYSTEM_SOCKET };
  if (driver === undefined || path === undefined) return undefined;
  return { transport: "unix", driver: "qemu:///session", socket: path };
}

function parseRemote(text: string): LibvirtUri | undefined {
  const [, word, address, name, digits] = REMOTE.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined) return undefined;
  const transport = word === "tcp" ? "tcp" : "tls";
  const port = digits === undefined ? PORTS[transport] : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  return { transport, host, port, driver: "qemu:///system" };
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
