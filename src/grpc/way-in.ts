import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { Refusal } from "#drive/refusal.js";
import { formatTarget, type ListenAddress, type ListenOption, listenRefusal } from "./listen-address.js";
import { placeSocket } from "./unix-socket.js";

/** A way in that is open. */
export interface WayIn {
  readonly server: Server;
  readonly target: string;
  /** Takes the socket away, where there is one. */
  remove(): Promise<void>;
}

/**
 * Opens a server at an address. @param option - the option that the address is from
 * @throws Refusal INVALID_ARGUMENT, with what the system said
 */
export async function openWay(
  server: Server,
  address: ListenAddress,
  credentials: ServerCredentials,
  option: ListenOption,
): Promise<WayIn> {
  try {
    if (address.kind === "unix") {
      const bound = (path: string) => bind(server, `unix:${path}`, credentials).then(() => undefined);
      const socket = await placeSocket(address.path, bound);
      return { server, target: formatTarget(address), remove: () => socket.remove() };
    }
    const port = await bind(server, formatTarget(address), credentials);
    return { server, target: formatTarget({ ...address, port }), remove: async () => {} };
  } catch (error) {
    server.forceShutdown();
    if (error instanceof Refusal) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw listenRefusal(formatTarget(address), `cannot listen there: ${text}`, error, option);
  }
}

function bind(server: Server, target: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
