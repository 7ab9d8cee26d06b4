import { BusConnection } from "#bus/amqp/bus-connection.js";
import { connectionSettings } from "#bus/amqp/connection-settings.js";
import type { Logger } from "#bus/ports.js";
import type { RpcMethod } from "#bus/server/endpoint.js";
import { RpcServer } from "#bus/server/rpc-server.js";
import { systemClock, systemIds } from "#bus/system.js";
import { readRabbitOptions } from "#bus/wire/options.js";
import { parseTransportUrl } from "#bus/wire/transport-url.js";

// Our server with one method that returns its argument: our-server.js TRANSPORT_URL TOPIC

const say = (fields: object, line: string): void => console.error(line, fields);
const logger: Logger = { debug: () => undefined, info: () => undefined, warn: say, error: say };
const url = parseTransportUrl(process.argv[2] ?? "");
const topic = process.argv[3] ?? "";
const { values: options } = readRabbitOptions({}, url.query);
const ports = { logger, clock: systemClock, ids: systemIds, random: Math.random };
const connection = new BusConnection(connectionSettings(url, options, "bench"), ports);
const methods = new Map<string, RpcMethod>([["echo", async (args) => args.value ?? null]]);
const server = new RpcServer({
  transports: [{ connection, options }],
  exchange: "bench",
  topic,
  server: "host",
  endpoints: [{ version: "1.0", methods }],
  concurrency: 64,
  ...ports,
});
await server.start(AbortSignal.timeout(30_000));
console.log("ready");
