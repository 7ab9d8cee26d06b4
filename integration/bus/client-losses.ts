import { CallTimeout, ClientClosed } from "#bus/client/call-errors.js";
import type { RpcTarget } from "#bus/client/target.js";
import { freePort } from "../rigs/ports.js";
import type { RabbitMq } from "../rigs/rabbitmq.js";
import { TcpProxy } from "../rigs/tcp-proxy.js";
import { until, within } from "../rigs/wait.js";
import type { HandMadeServer } from "./hand-made-server.js";
import { Ours } from "./ours.js";

/** Who plays: a broker, a client of ours, and a server that answers by hand. */
export interface Stage {
  readonly broker: RabbitMq;
  readonly ours: Ours;
  readonly server: HandMadeServer;
  readonly target: RpcTarget;
}

/** What becomes of calls when time passes, and when the broker, a connection or a queue is gone. */
export function describeLosses(stage: () => Stage): void {
  let broker: RabbitMq;
  let ours: Ours;
  let server: HandMadeServer;
  let target: RpcTarget;
  const ask = (options = {}) => ours.client.call(target, "boot", {}, options);
  const through = (proxy: TcpProxy): string => broker.transportUrl.replace(`:${broker.port}`, `:${proxy.port}`);

  beforeEach(() => {
    ({ broker, ours, server, target } = stage());
  });

  test("a call ends at its time while no broker is there, and a later one finds it (wire §5.3, §11)", async () => {
    await using proxy = TcpProxy.away(broker.port, await freePort());
    await using lonely = Ours.start(through(proxy), { rabbit_retry_interval: "1" });
    const call = (timeoutMs: number) => lonely.client.call(target, "boot", {}, { timeoutMs });
    // The client's own limit is twice as long.
    await within(10_000, "the call to end", expect(call(400)).rejects.toThrow(CallTimeout));
    const patient = call(30_000);
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
    await until(10_000, "a second to pass", () => performance.now() - start > 1000);
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
    await until(30_000, "the queue to be back", async () =>
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
}
