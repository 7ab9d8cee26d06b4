import { isIPv4 } from "node:net";

/** What an adapter's address looks like. */
export const ADDRESS_FORM = "unix:/path, 127.0.0.1:port, [::1]:port or localhost:port";

/** `sun_path` holds 108 bytes with its NUL (unix(7)). */
const SOCKET_PATH_BYTES = 107;

/** What is wrong with an address that an adapter is to be dialed at; nothing leaves this machine without TLS. */
export function addressProblem(text: string): string | undefined {
  if (text.startsWith("unix:")) return pathProblem(text.slice("unix:".length));
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (match === null) return `must be ${ADDRESS_FORM}`;
  const host = match[1] ?? match[2] ?? "";
  if (host !== "localhost" && host !== "::1" && !(isIPv4(host) && host.startsWith("127."))) {
    return "an adapter is on this machine: unix:/path, 127.0.0.1, [::1] or localhost";
  }
  const port = Number(match[3]);
  return port >= 1 && port <= 65535 ? undefined : "the port must be from 1 to 65535";
}

function pathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "the socket's path must be absolute";
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) return `a socket's path has at most ${SOCKET_PATH_BYTES} bytes`;
  return undefined;
}
