import { deflateSync } from "node:zlib";
import { CallTimeout, ClientClosed, VersionCapExceeded } from "#bus/client/call-errors.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import { freePort } from "../rigs/ports.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { TcpProxy } from "../rigs/tcp-proxy.js";
import { until } from "../rigs/wait.js";
import { envelope, HandMadeServer } from "./hand-made-server.js";
import { freshTarget, Ours } from "./ours.js";

let broker: RabbitMq;
let ours: Ours;
let server: HandMadeServer;
const target = { ...freshTarget(), server: undefined };
const ask = (options = {}, over = {}) => ours.client.call({ ...target, ...over }, "boot", { name: "é" }, options);
const through = (proxy: TcpProxy): string => broker.transportUrl.replace(`:${broker.port}`, `:${proxy.port}`);

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
    const before = await queues();
    await ours.client.cast(target, "boot", {});
    expect(await queues()).toEqual(before);
    for (const n of [2, 3]) {
      const answer = ask();
      await server.reply(await server.request(n), {});
      await answer;
    }
    expect((await queues()).length).toBe(before.length + 1);
    expect(server.received[1]?.inner._reply_q).toBe(server.received[2]?.inner._reply_q);
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
    const answer = ask();
    await server.reply(await server.request(1), keys);
    await expect(answer).rejects.toThrow(new RemoteError({ ...Object(await answer.catch((e) => e)).failure, message }));
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
    const answer = ask({ timeoutMs: 1000 });
    const { inner } = await server.request(1);
    const queue = String(inner._reply_q);
    const reply = envelope({ result: 1, failure: null, ending: true, _msg_id: inner._msg_id });
    await server.sendBody(queue, reply, { contentType: "text/plain" });
    await server.sendBody(queue, reply.slice(0, -5));
    await server.sendBody(queue, Buffer.from([0xff, 0xfe]));
    await expect(answer).rejects.toThrow(CallTimeout);
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

  test("a monitored call ends at its silence, long before its time (wire §8)", async () => {
    const start = performance.now();
    const answer = ask({ monitorSeconds: 1, timeoutMs: 20_000 });
    await server.reply(await server.request(1), { ending: false });
    await expect(answer).rejects.toThrow("no sign of life of boot");
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("time and the broker's absence", () => {
  test("a call ends at its time while no broker is there, and a later one finds it (wire §5.3, §11)", async () => {
    await using proxy = TcpProxy.away(broker.port, await freePort());
    await using lonely = Ours.start(through(proxy), { rabbit_retry_interval: "1" });
    const call = (timeoutMs: number) => lonely.client.call(target, "boot", {}, { timeoutMs });
    const start = performance.now();
    await expect(call(400)).rejects.toThrow(CallTimeout);
    expect(performance.now() - start).toBeLessThan(900);
    const patient = call(15_000);
    await proxy.listen();
    const request = await server.request(1);
    await server.reply(request, { result: "found" });
    expect(await patient).toBe("found");
  });

  test("what waited for a broker says on the wire how little time is left (wire §4)", async () => {
    await using proxy = TcpProxy.away(broker.port, await freePort());
    await using lonely = Ours.start(through(proxy));
    const start = performance.now();
    const answer = lonely.client.call(target, "boot", {}, { timeoutMs: 20_000 });
    await until(5000, "a second to pass", () => performance.now() - start > 1000);
    await proxy.listen();
    const request = await server.request(1);
    await server.reply(request, {});
    await answer;
    expect(Number(request.message.properties.expiration)).toBeLessThanOrEqual(19_000);
  });

  test("a request whose confirmation was lost goes out again under the same ids, and is answered once (wire §9)", async () => {
    await using proxy = await TcpProxy.start(broker.port);
    await using cut = Ours.start(through(proxy));
    const first = cut.client.call(target, "boot", {});
    await server.reply(await server.request(1), { result: "warm" });
    await first;
    proxy.swallow("back");
    const answer = cut.client.call(target, "boot", {});
    const sent = await server.request(2);
    proxy.cut();
    proxy.relay();
    const again = await server.request(3);
    expect(again.inner).toEqual(sent.inner);
    expect(again.inner._reply_q).toBe(server.received[0]?.inner._reply_q);
    await server.reply(again, { result: "once" });
    await server.reply(sent, { result: "twice" });
    expect(await answer).toBe("once");
  });

  test("an answered request is not sent again when the connection breaks", async () => {
    await using proxy = await TcpProxy.start(broker.port);
    await using cut = Ours.start(through(proxy));
    const answer = cut.client.call(target, "boot", {});
    await server.reply(await server.request(1), { result: "done" });
    expect(await answer).toBe("done");
    proxy.cut();
    const next = cut.client.call(target, "boot", {});
    await server.reply(await server.request(2), { result: "next" });
    expect(await next).toBe("next");
    expect(server.received).toHaveLength(2);
  });

  test("with a queue manager the reply queue has a name that the next process of this name has too (wire §3.1)", async () => {
    for (const n of [1, 2]) {
      const managed = { use_queue_manager: "true", hostname: "cn1", processname: "suite" };
      await using client = Ours.start(broker.transportUrl, managed);
      const answer = client.client.call(target, "boot", {});
      const request = await server.request(n);
      expect(request.inner._reply_q).toBe("reply_cn1:suite:1");
      await server.reply(request, { result: n });
      expect(await answer).toBe(n);
    }
  });

  test("a reply queue that somebody deleted is there again under its name (wire §11)", async () => {
    const answer = ask();
    const request = await server.request(1);
    const queue = String(request.inner._reply_q);
    await server.channel.deleteQueue(queue);
    await until(10_000, "the queue to be back", async () =>
      (await broker.rabbitmqctl("list_queues", "name")).includes(queue),
    );
    await server.reply(request, { result: "found" });
    expect(await answer).toBe("found");
  });

  test("the caller's signal ends a call with its own reason", async () => {
    const controller = new AbortController();
    const answer = ask({ signal: controller.signal });
    await server.request(1);
    controller.abort(new Error("no longer needed"));
    await expect(answer).rejects.toThrow("no longer needed");
  });

  test("closing ends what is under way, also where there never was a broker", async () => {
    await using proxy = TcpProxy.away(broker.port, await freePort());
    await using lonely = Ours.start(through(proxy));
    const answers = Promise.allSettled([
      ask(),
      lonely.client.call(target, "boot", {}),
      lonely.client.cast(target, "boot", {}),
    ]);
    await server.request(1);
    await Promise.all([ours.client.close(), lonely.client.close()]);
    const closed = { status: "rejected", reason: expect.any(ClientClosed) };
    expect(await answers).toEqual([closed, closed, closed]);
    await expect(ask()).rejects.toThrow(ClientClosed);
  });
});
