/** Where a libvirt daemon is, and which of its drivers is meant. */
export interface LibvirtUri {
  readonly socket: string;
  /** What the daemon is asked to open. */
  readonly driver: "qemu:///system" | "qemu:///session";
}

/** The form of a URI, for people. */
export const URI_FORM = "`qemu:///system`, or `qemu+unix:///system?socket=/path` (or `session` with a socket)";

const SYSTEM_SOCKET = "/run/libvirt/libvirt-sock";
const LOCAL = /^qemu(?:\+unix)?:\/\/\/(system|session)(?:\?socket=(\/[^?&#]+))?$/;

/** Reads a URI as libvirt writes them (its "Connection URIs"), of those the local ones; `undefined` for any other. */
export function parseUri(text: string): LibvirtUri | undefined {
  const [, driver, socket] = LOCAL.exec(text) ?? [];
  if (driver === "system") return { driver: "qemu:///system", socket: decode(socket) ?? SYSTEM_SOCKET };
  const path = decode(socket);
  return driver === "session" && path !== undefined ? { driver: "qemu:///session", socket: path } : undefined;
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

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
