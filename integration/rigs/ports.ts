import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Ports that were given out here: their servers may not listen yet. */
const given = new Set<number>();

/**
 * A TCP port that nobody listens on at 127.0.0.1, drawn below the range (ip_local_port_range) from which the kernel
 * takes the ports of outgoing connections, so that none of those can grab it before its server starts.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 30_000);
    if (given.has(port) || !(await listens(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error("no free TCP port between 20000 and 29999");
}

/** Several such ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
