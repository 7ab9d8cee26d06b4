import { deflateSync } from "node:zlib";
import { jest } from "@jest/globals";
import type { JsonObject } from "#bus/json.js";
import type { Endpoint, RpcMethod } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until, within } from "../rigs/wait.js";
import { Gate } from "./gate.js";
import { RawPeer } from "./raw-peer.js";
import { Served } from "./served.js";

jest.setTimeout(120_000);

let broker: RabbitMq;
let peer: RawPeer;

beforeAll(async () => {
  broker = await RabbitMq.start();
  peer = await RawPeer.start(broker.url);
}, 120_000);

afterAll(async () => {
  await peer?.[Symbol.asyncDispose]();
  await broker?.stop();
}, 60_000);

function endpoint(methods: Record<string, RpcMethod>): Endpoint[] {
  return [{ version: "1.0", methods: new Map(Object.entries(methods)) }];
}

/** Messages in a queue that no consumer holds. */
async function ready(queue: string): Promise<number> {
  return (await peer.channel.checkQueue(queue)).messageCount;
}

test("a request that comes twice runs once, and one without an id runs each time (wire §9)", async () => {
  let runs = 0;
  await using _ = await Served.start(broker.transportUrl, endpoint({ count: async () => ++runs }));
  const call = peer.call("count");
  peer.send(call, "suite");
  peer.send(call, "suite");
  peer.send({ method: "count", args: {} }, "suite");
  peer.send({ method: "count", args: {} }, "suite");
  expect(await peer.ask("count")).toBe(4);
});

test("what cannot be read is dropped, said, and harms nobody (wire §4, §5.2)", async () => {
  await using served = await Served.start(broker.transportUrl, endpoint({ echo: async () => "here" }));
  const bad: [Buffer, object][] = [
    [Buffer.from("not json"), {}],
    [Buffer.from("[]"), {}],
    [Buffer.from('{"oslo.version": "3.0", "oslo.message": "{}"}'), {}],
    [Buffer.from('{"oslo.version": "2.0", "oslo.message": {}}'), {}],
    [Buffer.from('{"method": "echo"}'), { contentType: "text/plain" }],
    [Buffer.from([0xff, 0xfe]), {}],
    [Buffer.alloc(0), {}],
  ];
  for (const [body, options] of bad) peer.sendBody(body, "suite", options);
  expect(await peer.ask("echo")).toBe("here");
  expect(served.log.count(/cannot be read was dropped/)).toBe(bad.length);
  expect(await ready("suite")).toBe(0);
});

test("the old form without envelope, and a compressed body, are read (wire §3.1, §5.2)", async () => {
  await using _ = await Served.start(broker.transportUrl, endpoint({ echo: async () => "here" }));
  const bare = peer.call("echo");
  peer.sendBody(Buffer.from(JSON.stringify(bare)), "suite");
  expect((await peer.reply(bare)).result).toBe("here");
  const packed = peer.call("echo");
  const headers = { compression: "application/x-gzip" };
  peer.sendBody(deflateSync(JSON.stringify(packed)), "suite", { headers });
  expect((await peer.reply(packed)).result).toBe("here");
});

test("the reply goes to the queue that the call names, whatever its name is like (wire §3.1)", async () => {
  await using _ = await Served.start(broker.transportUrl, endpoint({ echo: async ({ value = null }) => value }));
  for (const name of ["reply_cn1:nova-api:17", "kö nig.#.*", "x".repeat(200)]) {
    await peer.channel.assertQueue(name, { durable: false });
    const call = peer.call("echo", { value: name }, { _reply_q: name });
    peer.send(call, "suite");
    await until(10_000, `a reply in ${name}`, () => ready(name).then((count) => count === 1));
    const reply = await peer.channel.get(name, { noAck: true });
    if (reply === false) throw new Error("no reply");
    expect(JSON.parse(JSON.parse(reply.content.toString())["oslo.message"])).toEqual({
      ...{ result: name, failure: null, ending: true, _msg_id: call._msg_id },
      _unique_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    await peer.channel.deleteQueue(name);
  }
});

test("a result or a failure that is no JSON is an internal error to the caller, and harms nobody", async () => {
  const endless: JsonObject = {};
  endless.self = endless;
  const methods: Record<string, RpcMethod> = {
    result: async () => endless,
    failure: async () => {
      throw new RpcFailure("ValueError", "builtins", "never", { kwargs: endless });
    },
    echo: async () => "here",
  };
  await using _ = await Served.start(broker.transportUrl, endpoint(methods));
  for (const method of ["result", "failure"]) {
    const call = peer.call(method);
    peer.send(call, "suite");
    expect((await peer.reply(call)).failure).toContain('"RuntimeError"');
  }
  expect(await peer.ask("echo")).toBe("here");
});

test("a call that names no reply queue runs, and its reply is dropped at once (wire §6.2)", async () => {
  let runs = 0;
  await using served = await Served.start(broker.transportUrl, endpoint({ count: async () => ++runs }));
  peer.send(peer.call("count", {}, { _reply_q: null }), "suite");
  expect(await peer.ask("count")).toBe(2);
  // A reply that still looked for its queue would hold up the stop for a minute (kombu_missing_consumer_retry_timeout).
  await within(20_000, "the server to stop", served.server.stop(new Date(Date.now() + 60_000)));
});

test("a reply waits for its queue to come back, and holds up no other (wire §6.2)", async () => {
  const gate = new Gate();
  await using _ = await Served.start(broker.transportUrl, endpoint({ wait: gate.method, echo: async () => "here" }));
  const call = peer.call("wait");
  peer.send(call, "suite");
  await gate.reached(1);
  await peer.channel.deleteQueue(peer.replyQueue);
  gate.open();
  const other = await RawPeer.start(broker.url);
  expect(await other.ask("echo")).toBe("here");
  await other[Symbol.asyncDispose]();
  await peer.openReplyQueue();
  expect((await peer.reply(call)).result).toBe("out");
});

test("a reply queue that stays missing is given up, and then forgotten about for a while (wire §6.2)", async () => {
  const options = { kombu_missing_consumer_retry_timeout: "1" };
  await using served = await Served.start(broker.transportUrl, endpoint({ echo: async () => "here" }), options);
  peer.send(peer.call("echo", {}, { _reply_q: "reply_gone" }), "suite");
  await until(10_000, "the reply to be given up", () => served.log.count(/stayed missing/) === 1);
  peer.send(peer.call("echo", {}, { _reply_q: "reply_gone" }), "suite");
  expect(await peer.ask("echo")).toBe("here");
  expect(served.log.count(/stayed missing/)).toBe(1);
});

test("no more methods run than the server was told; the rest stays with the broker, and others may have it", async () => {
  const gate = new Gate();
  await using first = await Served.start(broker.transportUrl, endpoint({ wait: gate.method }), {}, { concurrency: 3 });
  const calls = Array.from({ length: 20 }, () => peer.call("wait"));
  for (const call of calls) peer.send(call, "suite");
  await gate.reached(3);
  await until(10_000, "the broker to keep the rest", async () => (await ready("suite")) === 20 - 3 - 3);
  expect(first.server.running).toBe(3);
  const other = new Gate();
  await using _ = await Served.start(broker.transportUrl, endpoint({ wait: other.method }), {}, { server: "host.2" });
  await other.reached(14);
  const opening = setInterval(() => gate.open(), 10);
  other.open();
  await Promise.all(calls.map((call) => peer.reply(call)));
  clearInterval(opening);
  expect(gate.entered.length + other.entered.length).toBe(20);
});

test("a call that waited here until its caller gave up is not run (wire §4)", async () => {
  const gate = new Gate();
  await using served = await Served.start(broker.transportUrl, endpoint({ wait: gate.method }), {}, { concurrency: 1 });
  const [first, late] = [peer.call("wait"), peer.call("wait")];
  peer.send(first, "suite");
  peer.send(late, "suite", { expiration: "1500" });
  await gate.reached(1);
  await until(10_000, "the second to have arrived", async () => (await ready("suite")) === 0);
  const arrived = performance.now();
  await until(10_000, "its time to be over", () => performance.now() > arrived + 1500);
  gate.open();
  await until(10_000, "the second to be dropped", () => served.log.count(/until its caller gave up/) === 1);
  expect(gate.entered).toHaveLength(1);
});

test("a method hears when its caller's time is over, and its reply is not sent (wire §4)", async () => {
  const gate = new Gate();
  await using served = await Served.start(broker.transportUrl, endpoint({ wait: gate.method }));
  const call = peer.call("wait");
  peer.send(call, "suite", { expiration: "1500" });
  await gate.reached(1);
  const { signal, deadline } = gate.entered[0]!;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await until(10_000, "the deadline to be past", () => Date.now() > deadline!.getTime());
  gate.open();
  await until(10_000, "the reply to be dropped", () => served.log.count(/too late for its caller/) === 1);
  expect(peer.replies.some((reply) => reply._msg_id === call._msg_id)).toBe(false);
});

test("stopping lets what runs finish and reply, gives the rest back, and deletes only what is this server's alone", async () => {
  const gate = new Gate();
  const served = await Served.start(broker.transportUrl, endpoint({ wait: gate.method }), {}, { concurrency: 1 });
  const [running, waiting] = [peer.call("wait"), peer.call("wait")];
  peer.send(running, "suite");
  peer.send(waiting, "suite");
  await gate.reached(1);
  const stopping = served.server.stop(new Date(Date.now() + 20_000));
  await until(10_000, "the waiting request to be given back", async () => (await ready("suite")) === 1);
  expect(served.server.listening).toBe(false);
  gate.open();
  await stopping;
  await served.connection.close();
  expect((await peer.reply(running)).result).toBe("out");
  const queues = (await broker.rabbitmqctl("list_queues", "name"))
    .split("\n")
    .filter((name) => name.startsWith("suite"));
  expect(queues.sort()).toEqual(["suite", "suite.host.1", "suite.host.2"]);
  await peer.channel.purgeQueue("suite");
});

test("a method that outlasts the patience of a stop is aborted", async () => {
  const gate = new Gate();
  const served = await Served.start(broker.transportUrl, endpoint({ wait: gate.method }));
  peer.send(peer.call("wait"), "suite");
  await gate.reached(1);
  await served.server.stop(new Date(Date.now() + 200));
  await served.connection.close();
  expect(gate.entered[0]!.signal.aborted).toBe(true);
});

test("an idempotent method is acknowledged last: a lost connection runs it once, a lost server runs it elsewhere (wire §10)", async () => {
  const [first, second] = [new Gate(), new Gate()];
  const ackLast = (gate: Gate): Endpoint[] => endpoint({ build: { run: gate.method, idempotent: true } });
  const served = await Served.start(broker.transportUrl, ackLast(first));
  const call = peer.call("build");
  peer.send(call, "suite");
  await first.reached(1);
  await broker.rabbitmqctl("close_all_connections", "cut");
  const again = await RawPeer.start(broker.url);
  await until(20_000, "the request to be taken for the one that runs", () => served.log.count(/came twice/) === 1);
  expect(first.entered).toHaveLength(1);

  await served.server.stop(new Date());
  await served.connection.close();
  await using _ = await Served.start(broker.transportUrl, ackLast(second));
  await second.reached(1);
  second.open();
  await again.channel.assertQueue(peer.replyQueue, { durable: false, expires: 1_800_000 });
  await until(10_000, "the reply", async () => (await again.channel.checkQueue(peer.replyQueue)).messageCount === 1);
  await until(30_000, "the acknowledgement", async () => {
    const unacknowledged = await broker.rabbitmqctl("list_queues", "name", "messages_unacknowledged");
    return /^suite\t0$/m.test(unacknowledged);
  });
  await again.connection.close();
  peer = await RawPeer.start(broker.url);
});

test("one server listens on several buses, and answers each where it was asked", async () => {
  await broker.rabbitmqctl("add_vhost", "cell1");
  await broker.rabbitmqctl("set_permissions", "-p", "cell1", "openstack", ".*", ".*", ".*");
  const cell1 = `${broker.transportUrl}cell1`;
  await using _ = await Served.startMany([broker.transportUrl, cell1], endpoint({ echo: async () => "here" }));
  await using inCell = await RawPeer.start(broker.url.replace("%2F", "cell1"));
  expect(await peer.ask("echo")).toBe("here");
  expect(await inCell.ask("echo")).toBe("here");
  expect(await inCell.ask("echo", {}, "suite.host.1")).toBe("here");
});
