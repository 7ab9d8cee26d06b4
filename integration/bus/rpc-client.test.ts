import { deflateSync } from "node:zlib";
import { jest } from "@jest/globals";
import { CallTimeout, VersionCapExceeded } from "#bus/client/call-errors.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { describeLosses } from "./client-losses.js";
import { envelope, HandMadeServer } from "./hand-made-server.js";
import { freshTarget, Ours } from "./ours.js";

// rabbitmqctl takes seconds on a busy machine.
jest.setTimeout(60_000);

let broker: RabbitMq;
let ours: Ours;
let server: HandMadeServer;
const target = { ...freshTarget(), server: undefined };
const ask = (options = {}, over = {}) => ours.client.call({ ...target, ...over }, "boot", { name: "é" }, options);

beforeAll(async () => {
  broker = await RabbitMq.start();
}, 120_000);

afterAll(() => broker?.stop(), 60_000);

beforeEach(async () => {
  ours = Ours.start(broker.transportUrl);
  server = await HandMadeServer.start(broker.url, target.exchange, target.topic);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await ours[Symbol.asyncDispose]();
});

describe("a request on the wire", () => {
  test("a call has the keys of a call, and its timeout as the expiration (wire §4, §5.1)", async () => {
    const answer = ask({ context: { user_id: "u1" }, timeoutMs: 20_000 }, { version: "1.2", namespace: "" });
    const request = await server.request(1);
    await server.reply(request, { result: 1 });
    await answer;
    const hex = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(request.inner).toEqual({
      method: "boot",
      args: { name: "é" },
      namespace: "",
      version: "1.2",
      _msg_id: hex,
      _reply_q: expect.stringMatching(/^reply_[0-9a-f]{32}$/),
      _timeout: null,
      _unique_id: hex,
      _context_user_id: "u1",
    });
    const { properties, fields } = request.message;
    expect(fields).toMatchObject({ exchange: target.exchange, routingKey: target.topic });
    expect(properties).toMatchObject({
      ...{ contentType: "application/json", contentEncoding: "utf-8", deliveryMode: 2, priority: 0 },
      ...{ replyTo: undefined, correlationId: undefined, headers: {} },
    });
    const expiration = Number(properties.expiration);
    expect(expiration).toBeGreaterThan(15_000);
    expect(expiration).toBeLessThanOrEqual(20_000);
  });

  test("a cast has no keys of a call and does not expire (wire §4, §5.1)", async () => {
    await ours.client.cast(target, "boot", {});
    const { inner, message } = await server.request(1);
    expect(Object.keys(inner).sort()).toEqual(["_unique_id", "args", "method"]);
    expect(message.properties.expiration).toBeUndefined();
  });

  test("a monitored call says the silence it bears, not its timeout (wire §5.1, §8)", async () => {
    const answer = ask({ monitorSeconds: 60 });
    const request = await server.request(1);
    expect(request.inner._timeout).toBe(60);
    await server.reply(request, {});
    await answer;
  });

  test("a trace context travels in headers and not in the request", async () => {
    const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", parentId: "00f067aa0ba902b7", sampled: true };
    await ours.client.cast(target, "boot", {}, { trace: { ...trace, state: undefined } });
    const { inner, message } = await server.request(1);
    expect(message.properties.headers).toEqual({ traceparent: `00-${trace.traceId}-${trace.parentId}-01` });
    expect(JSON.stringify(inner)).not.toContain(trace.traceId);
  });

  test("beyond its version cap a client sends nothing (wire §5.3)", async () => {
    await using capped = Ours.start(broker.transportUrl, {}, { versionCap: "1.4" });
    const call = (version?: string) => capped.client.call({ ...target, version }, "boot", {}, { timeoutMs: 5000 });
    await expect(call("1.5")).rejects.toThrow(VersionCapExceeded);
    await expect(call()).rejects.toThrow(VersionCapExceeded);
    const allowed = call("1.4");
    await server.reply(await server.request(1), { result: "yes" });
    expect(await allowed).toBe("yes");
    expect(server.received).toHaveLength(1);
  });

  test("a cast opens no reply queue, and all calls share one (wire §2, §16.2)", async () => {
    const queues = async () =>
      (await broker.rabbitmqctl("list_queues", "name")).split("\n").filter((q) => q.startsWith("reply_"));
    await ours.client.cast(target, "boot", {});
    const before = await queues();
    for (const n of [2, 3]) {
      const answer = ask();
      await server.reply(await server.request(n), {});
      await answer;
    }
    const queue = server.received[1]?.inner._reply_q;
    expect(server.received[2]?.inner._reply_q).toBe(queue);
    expect(before).not.toContain(queue);
    expect((await queues()).sort()).toEqual([...before, queue].sort());
  });
});

describe("replies that deviate are taken as Python takes them (wire §6)", () => {
  const failure = JSON.stringify({
    class: "ValueError",
    module: "builtins",
    message: "no",
    tb: [],
    args: [],
    kwargs: {},
  });

  test.each([
    ["without failure", { failure: undefined, result: 1 }, 1],
    ["with an empty failure", { failure: "", result: 1 }, 1],
    ["without result", { result: undefined }, null],
    ["with an ending that is merely true", { ending: "yes", result: 1 }, 1],
    ["without an id of its own", { _unique_id: undefined, result: 1 }, 1],
  ])("a reply %s", async (_name, keys, result) => {
    const answer = ask();
    await server.reply(await server.request(1), keys);
    expect(await answer).toBe(result);
  });

  test.each([
    ["a failure beside a result", { failure, result: 1 }, "no"],
    ["a failure that is an object", { failure: { class: "X" } }, "the peer's failure cannot be read"],
    ["a failure that is no JSON", { failure: "oops" }, "the peer's failure cannot be read"],
  ])("%s fails the call", async (_name, keys, message) => {
    const failed = ask().catch((error: unknown) => error);
    await server.reply(await server.request(1), keys);
    expect(await failed).toBeInstanceOf(RemoteError);
    expect(await failed).toMatchObject({ message });
  });

  test("a partial result stands when the final reply has none, and a second final reply is dropped", async () => {
    const answer = ask();
    const request = await server.request(1);
    await server.reply(request, { result: "partial", ending: false });
    await server.reply(request, {});
    await server.reply(request, { result: "too late" });
    expect(await answer).toBe("partial");
    const next = ask();
    await server.reply(await server.request(2), { result: "next" });
    expect(await next).toBe("next");
  });

  test("without an envelope, or compressed (wire §3.1, §5.2)", async () => {
    for (const [n, encode] of [
      (text: string) => text,
      (text: string) => deflateSync(envelope(JSON.parse(text))),
    ].entries()) {
      const answer = ask();
      const { inner } = await server.request(n + 1);
      const text = JSON.stringify({ result: n, failure: null, ending: true, _msg_id: inner._msg_id });
      const headers = n === 1 ? { compression: "application/x-gzip" } : {};
      await server.sendBody(String(inner._reply_q), encode(text), { headers });
      expect(await answer).toBe(n);
    }
  });

  test("one that nobody can read is lost, and its call ends at its time (wire §4, §6)", async () => {
    const late = expect(ask({ timeoutMs: 3000 })).rejects.toThrow(CallTimeout);
    const { inner } = await server.request(1);
    const queue = String(inner._reply_q);
    const reply = envelope({ result: 1, failure: null, ending: true, _msg_id: inner._msg_id });
    await server.sendBody(queue, reply, { contentType: "text/plain" });
    await server.sendBody(queue, reply.slice(0, -5));
    await server.sendBody(queue, Buffer.from([0xff, 0xfe]));
    await late;
    await until(10_000, "all three to be dropped", () => ours.log.count(/dropped a reply that cannot be read/) >= 3);
    expect(ours.log.count(/dropped a reply that cannot be read/)).toBe(3);
  });

  test("heartbeats that nobody asked for, and for calls that nobody made, mean nothing (wire §8)", async () => {
    const answer = ask();
    const request = await server.request(1);
    for (let n = 0; n < 50; n += 1) {
      await server.reply(request, { ending: false });
      await server.reply(request, { ending: false, _msg_id: `unknown-${n}` });
      await server.reply(request, { ending: false, _msg_id: [n] });
    }
    await server.reply(request, { result: "done" });
    expect(await answer).toBe("done");
  });

  test("a monitored call ends at its silence, and says so: its time is not over (wire §8)", async () => {
    const silent = expect(ask({ monitorSeconds: 1, timeoutMs: 20_000 })).rejects.toThrow("no sign of life of boot");
    await server.reply(await server.request(1), { ending: false });
    await silent;
  });
});

describe("time and the broker's absence", () => describeLosses(() => ({ broker, ours, server, target })));
