import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { Refusal } from "#drive/refusal.js";
import { parseListenAddress } from "#grpc/listen-address.js";

/** How the parts of a process are, by name: `up`, `down`, or `absent` where it is configured to have none. */
export type Parts = Readonly<Record<string, "up" | "down" | "absent">>;

/** Whether the process can do its work now, and how its parts are. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: Parts;
}

export interface StatusServerOptions {
  /** `host:port` on this machine. */
  readonly listen: string;
  readonly registry: Registry;
  /** Brings the gauges up to date before they are read. */
  readonly refresh: () => Promise<void>;
  readonly readiness: () => Readiness;
}

/** The port for metrics and health, open. */
export interface StatusServer extends AsyncDisposable {
  /** Where it listens, the port that was taken filled in. */
  readonly url: string;
}

/**
 * Serves `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (it can do its work: 200, or 503).
 * @throws Refusal INVALID_ARGUMENT when nothing can listen there
 */
export async function openStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const address = parseListenAddress(options.listen);
  if (address.kind === "unix") throw new Refusal("INVALID_ARGUMENT", "[metrics] listen: must be host:port");
  const server = createServer((request, response) => {
    // Whoever scrapes has gone when this fails: nobody is left to tell.
    answer(options, request, response).catch(() => response.destroy());
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(address.port, address.host, resolve);
  try {
    await promise;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("INVALID_ARGUMENT", `[metrics] listen = ${options.listen}: cannot listen there: ${why}`);
  }
  const { port } = addressOf(server.address());
  return {
    url: `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

async function answer(options: StatusServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const send = (status: number, type: string, body: string) =>
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
  if (request.method !== "GET" && request.method !== "HEAD") send(405, "text/plain", "GET only\n");
  else if (pathname === "/metrics") {
    await options.refresh();
    send(200, options.registry.contentType, await options.registry.metrics());
  } else if (pathname === "/healthz") send(200, "text/plain", "ok\n");
  else if (pathname === "/readyz") {
    const { ready, parts } = options.readiness();
    send(ready ? 200 : 503, "application/json", `${JSON.stringify({ ready, ...parts })}\n`);
  } else send(404, "text/plain", "/metrics, /healthz, /readyz\n");
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("a TCP server without an address");
  return address;
}
