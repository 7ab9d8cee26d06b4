import { readRabbitOptions } from "../wire/options.js";
import { controlExchange, fanoutQueue, replyQueue, sharedQueue } from "./oslo-topology.js";

/** What a server and its client declare with these options. */
function declared(options: Record<string, string>) {
  const { values } = readRabbitOptions(options);
  const exchange = controlExchange("nova", values);
  return {
    exchange,
    topic: sharedQueue("compute", exchange, values),
    fanout: fanoutQueue("compute", "f00", values),
    reply: replyQueue("f00", values),
  };
}

test("without options nothing is durable, and what belongs to one process expires (wire §3)", () => {
  const { exchange, topic, fanout, reply } = declared({});
  expect(exchange).toEqual({ name: "nova", type: "topic", durable: false, autoDelete: false });
  expect(topic).toEqual({
    name: "compute",
    durable: false,
    autoDelete: false,
    arguments: {},
    bindings: [{ exchange, routingKey: "compute" }],
  });
  const fanoutExchange = { name: "compute_fanout", type: "fanout", durable: false, autoDelete: true };
  expect(fanout).toEqual({
    name: "compute_fanout_f00",
    durable: false,
    autoDelete: false,
    arguments: { "x-expires": 1_800_000 },
    bindings: [{ exchange: fanoutExchange, routingKey: "compute" }],
  });
  expect(reply).toMatchObject({
    name: "reply_f00",
    durable: false,
    arguments: { "x-expires": 1_800_000 },
    bindings: [],
  });
});

test("amqp_durable_queues leaves fanout and replies as they are (wire §3.1)", () => {
  const { exchange, topic, fanout, reply } = declared({ amqp_durable_queues: "true", amqp_auto_delete: "true" });
  expect([exchange.durable, topic.durable, fanout.durable, reply.durable]).toEqual([true, true, false, false]);
  expect([exchange.autoDelete, topic.autoDelete, fanout.autoDelete, reply.autoDelete]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(fanout.bindings[0]?.exchange.durable).toBe(false);
});

test("rabbit_quorum_queue makes the shared queues quorum, with the limits that are set (wire §3.1)", () => {
  const { exchange, topic, fanout } = declared({ rabbit_quorum_queue: "true", rabbit_quorum_delivery_limit: "7" });
  expect([exchange.durable, topic.durable]).toEqual([true, true]);
  expect(topic.arguments).toEqual({ "x-queue-type": "quorum", "x-delivery-limit": 7 });
  expect(fanout.arguments).toEqual({ "x-expires": 1_800_000 });
});

test("rabbit_transient_quorum_queue makes the fanout exchange durable too (wire §3.1)", () => {
  const { topic, fanout, reply } = declared({ rabbit_transient_quorum_queue: "true" });
  const quorum = { durable: true, arguments: { "x-queue-type": "quorum", "x-expires": 1_800_000 } };
  expect(fanout).toMatchObject(quorum);
  expect(reply).toMatchObject(quorum);
  expect(fanout.bindings[0]?.exchange).toMatchObject({ durable: true, autoDelete: true });
  expect(topic.durable).toBe(false);
});

test("rabbit_stream_fanout: one stream for all servers of the topic (wire §3.1)", () => {
  const { fanout } = declared({
    rabbit_stream_fanout: "true",
    rabbit_transient_quorum_queue: "true",
    rabbit_qos_prefetch_count: "10",
  });
  expect(fanout).toMatchObject({
    name: "compute_fanout",
    durable: true,
    arguments: { "x-queue-type": "stream", "x-max-age": "1800s" },
  });
});

test("rabbit_transient_queues_ttl 0: they never expire; rabbit_ha_queues: mirrored (wire §3.1)", () => {
  const { fanout, topic } = declared({ rabbit_transient_queues_ttl: "0", rabbit_ha_queues: "true" });
  expect(fanout.arguments).toEqual({});
  expect(topic.arguments).toEqual({ "x-ha-policy": "all" });
});
