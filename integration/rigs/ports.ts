import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A TCP port that nobody listens on at 127.0.0.1 and that no other rig of this machine was given, drawn below the range
 * (ip_local_port_range) from which the kernel takes the ports of outgoing connections, so that none of those can grab it
 * before its server starts.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 30_000);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error("no free TCP port between 20000 and 29999");
}

/** Several such ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/**
 * Reserves a port among all rigs of this machine until this process ends: its server may listen only seconds later. A name in the
 * abstract namespace (unix(7)) is one process's at a time, and leaves nothing behind. Tells whether nobody had it.
 */
export function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const holder = createServer();
    holder.once("error", () => resolve(false));
    holder.listen({ path: `\0configdrive-rig-port-${port}` }, () => {
      holder.unref();
      resolve(true);
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
