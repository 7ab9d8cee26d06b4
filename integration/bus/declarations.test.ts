import { jest } from "@jest/globals";
import type { Endpoint } from "#bus/server/endpoint.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { RawPeer } from "./raw-peer.js";
import { Served } from "./served.js";

jest.setTimeout(60_000);

const durable = { amqp_durable_queues: "true" };
const echo: Endpoint[] = [{ version: "1.0", methods: new Map([["echo", async () => "here"]]) }];

let broker: RabbitMq;
let peer: RawPeer;

beforeAll(async () => {
  broker = await RabbitMq.start();
  peer = await RawPeer.start(broker.url);
}, 120_000);

afterAll(async () => {
  await peer?.[Symbol.asyncDispose]();
  await broker?.stop();
});

/** Takes away what a test or a server of another kind declared. */
afterEach(async () => {
  for (const queue of ["suite", "suite.host.1"]) await peer.channel.deleteQueue(queue);
  await peer.channel.deleteExchange("suite");
});

test("an exchange and a queue that exist as non-durable are taken as they are (wire 3, 15)", async () => {
  await peer.channel.assertExchange("suite", "topic", { durable: false });
  await peer.channel.assertQueue("suite", { durable: false });
  await using served = await Served.start(broker.transportUrl, echo, durable);
  expect(await peer.ask("echo")).toBe("here");
  expect(served.log.count(/exists as non-durable: taken as it is/)).toBeGreaterThan(0);
  const queues = await broker.rabbitmqctl("list_queues", "name", "durable");
  expect(queues).toMatch(/^suite\tfalse$/m);
  expect(queues).toMatch(/^suite\.host\.1\ttrue$/m);
});

test("another difference is said, with the argument that differs, until somebody resolves it (wire 3)", async () => {
  await peer.channel.assertQueue("suite", { durable: false, arguments: { "x-max-priority": 3 } });
  await using served = Served.begin([broker.transportUrl], echo);
  await until(10_000, "the refusal to be said", () => served.log.count(/cannot consume.*x-max-priority/s) > 0);
  expect(served.server.listening).toBe(false);
  await peer.channel.deleteQueue("suite");
  await until(20_000, "the server to listen", () => served.server.listening);
  expect(await peer.ask("echo")).toBe("here");
});

test("a prefetch of the operator's bounds what each queue lends (wire 2)", async () => {
  await using _ = await Served.start(broker.transportUrl, echo, { rabbit_qos_prefetch_count: "7" });
  const consumers = await broker.rabbitmqctl("list_consumers", "queue_name", "prefetch_count");
  expect(consumers.match(/^suite\S*\t7$/gm)).toHaveLength(3);
});
