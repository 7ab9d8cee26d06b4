// One of our servers, with a client and a notification listener, in a process of its own: so that whatever kills it is seen, and its
// memory can be measured. Told what to do, and answering, over node's channel between parent and child.
//
//   node --expose-gc hostile-target.js TRANSPORT-URL EXCHANGE TOPIC

import { NotificationListener } from "#bus/notification/notification-listener.js";
import type { Endpoint, RpcMethod } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { RpcServer } from "#bus/server/rpc-server.js";
import { isJsonObject } from "#bus/wire/json-object.js";
import { Ours, ports } from "./ours.js";

const [transportUrl = "", exchange = "", topic = ""] = process.argv.slice(2);
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** As Python binds keyword arguments: exactly these. */
function exactly(name: string, method: RpcMethod): RpcMethod {
  if (typeof method !== "function") return method;
  return (args, request) => {
    const names = Object.keys(args);
    if (names.length === 1 && names[0] === name) return method(args, request);
    throw new RpcFailure("TypeError", "builtins", `takes ${name} and nothing else`);
  };
}

const methods = new Map<string, RpcMethod>([
  ["echo", exactly("arg", async ({ arg = null }) => arg)],
  ["void", async () => null],
]);
const endpoints: Endpoint[] = [
  { version: "1.5", methods },
  {
    namespace: "control",
    version: "2.1",
    methods: new Map([["stop", exactly("why", async ({ why }) => `stopped: ${why}`)]]),
  },
];

const ours = Ours.start(transportUrl, {}, { logger: quiet });
const server = new RpcServer({
  transports: [ours],
  ...{ exchange, topic, server: "target", endpoints, concurrency: 64 },
  ...ports,
  logger: quiet,
});
let heard = 0;
const listener = new NotificationListener({
  connection: ours.connection,
  options: ours.options,
  sources: [{ exchange, topic: `${topic}_notifications` }],
  priorities: ["INFO"],
  onNotification: async () => {
    heard += 1;
    return "handled";
  },
  concurrency: 64,
  requeueDelayMs: 0,
  ...ports,
  logger: quiet,
});
await server.start(AbortSignal.timeout(30_000));
listener.start();
await listener.ready(AbortSignal.timeout(30_000));

process.on("message", async (command: unknown) => {
  switch (isJsonObject(command) ? command.do : undefined) {
    case "measure":
      globalThis.gc?.();
      return process.send?.({ heap: process.memoryUsage().heapUsed, heard });
    case "call":
      // To somebody who takes his time, so that hostile replies can be sent meanwhile.
      return process.send?.({
        result: await ours.client.call({ exchange, topic: `${topic}_silent` }, "wait", {}, { timeoutMs: 600_000 }),
      });
    default:
      return process.exit(0);
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
