import { setTimeout as pause } from "node:timers/promises";
import { jest } from "@jest/globals";
import type { RpcMethod } from "#bus/server/endpoint.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { TcpProxy } from "../rigs/tcp-proxy.js";
import { until } from "../rigs/wait.js";
import { Load } from "./load.js";
import { Ours } from "./ours.js";
import { Served } from "./served.js";

jest.setTimeout(120_000);

/** Time limit of each request under load. */
const TIMEOUT_MS = 3000;
/** What two busy cores may add to a time that a timer rules. */
const SLACK_MS = 700;
/** How soon the service is to be back once the broker is. */
const BACK_WITHIN_MS = 2000;

const inFull = process.env.FORM === "full";
const queueKinds: Record<string, Record<string, string>> = {
  durable: { amqp_durable_queues: "true" },
  ...(inFull ? { quorum: { rabbit_quorum_queue: "true" } } : {}),
};

let broker: RabbitMq;

beforeAll(async () => {
  broker = await RabbitMq.start();
}, 120_000);

afterAll(async () => {
  await broker?.stop();
});

describe.each(Object.entries(queueKinds))("under load, on %s queues", (kind, options) => {
  /** Runs the fault while requests go to and fro, and then asks whether all promises were kept. */
  async function survives(
    fault: (served: Served, ours: Ours) => Promise<void>,
    { through = broker.transportUrl, more = {} }: { through?: string; more?: Record<string, string> } = {},
  ): Promise<{ load: Load; served: Served }> {
    const executed = new Set<number>();
    const note = async (args: { number?: unknown }): Promise<null> => {
      executed.add(Number(args.number));
      return null;
    };
    const methods = new Map<string, RpcMethod>([
      ["echo", async (args) => args.value ?? null],
      ["note", { run: note, idempotent: true }],
    ]);
    const names = { exchange: `suite_${kind}`, topic: `suite_${kind}` };
    const all = { ...options, ...more };
    await using served = await Served.start(through, [{ version: "1.0", methods }], all, { ...names, concurrency: 32 });
    await using ours = Ours.start(through, all);
    const load = new Load(ours.client, names, TIMEOUT_MS);
    try {
      await until(10_000, "the load to flow", () => load.calls.filter(({ ok }) => ok).length > 50);
      await fault(served, ours);
      const back = performance.now();
      await until(20_000, "calls to come through again", () => load.firstSuccessAfter(back) !== undefined);
      expect(load.firstSuccessAfter(back)).toBeLessThan(BACK_WITHIN_MS);
      await pause(300);
    } finally {
      await load.stop();
    }
    expect(load.longestMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(load.confirmed.length).toBeGreaterThan(50);
    const lost = (): number[] => load.confirmed.filter((number) => !executed.has(number));
    await until(10_000, "every confirmed cast to be executed", () => lost().length === 0).catch(() => undefined);
    expect(lost()).toEqual([]);
    expect(served.server.listening).toBe(true);
    return { load, served };
  }

  test("the broker's application stops and starts", async () => {
    await survives(async () => {
      await broker.rabbitmqctl("stop_app");
      await broker.rabbitmqctl("start_app");
    });
  });

  test("an operator closes all connections, twice", async () => {
    await survives(async () => {
      await broker.rabbitmqctl("close_all_connections", "first");
      await broker.rabbitmqctl("close_all_connections", "second");
    });
  });

  test("the network resets every connection", async () => {
    await using proxy = await TcpProxy.start(broker.port);
    await survives(async () => proxy.cut(), { through: at(proxy.port) });
  });

  test("the network forgets the connections without a word: AMQP heartbeats notice", async () => {
    await using proxy = await TcpProxy.start(broker.port);
    const began = performance.now();
    await survives(
      async (served) => {
        proxy.deaden();
        await until(15_000, "the dead connection to be noticed", () => served.log.count(/lost the message bus/) > 0);
      },
      { through: at(proxy.port), more: { heartbeat_timeout_threshold: "2" } },
    );
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("a memory alarm blocks publishers: the state says so, and nothing confirmed is lost", async () => {
    await survives(async (served, ours) => {
      // The broker blocks a connection when it next publishes; which of the two that is, the load decides.
      const states = (): string[] => [served.connection.state.kind, ours.connection.state.kind];
      try {
        await broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1");
        await until(10_000, "a publisher to be blocked", () => states().includes("blocked"));
        await pause(TIMEOUT_MS + 1000);
      } finally {
        await broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4");
      }
      await until(10_000, "the alarm to be over", () => !states().includes("blocked"));
    });
  });

  if (inFull) {
    test("the broker restarts", async () => {
      await survives(() => broker.restart());
    });

    test("the broker is killed as by a power cut, and comes back", async () => {
      await survives(async () => {
        await broker.kill();
        await broker.start();
      });
    });

    test("the broker is paused for longer than a request may take", async () => {
      await survives(async () => {
        broker.pause();
        await pause(TIMEOUT_MS + 1000);
        broker.resume();
      });
    });
  }
});

test("a deleted queue is declared and consumed again, each of the three, while the others go on", async () => {
  const options = { amqp_durable_queues: "true" };
  const names = { exchange: "deleted", topic: "deleted", server: "host.1" };
  let heard = 0;
  const methods = new Map<string, RpcMethod>([["hear", async () => ++heard]]);
  await using served = await Served.start(broker.transportUrl, [{ version: "1.0", methods }], options, names);
  await using ours = Ours.start(broker.transportUrl, options);
  const queues = (await broker.rabbitmqctl("list_queues", "name")).split("\n").filter((name) => /^deleted/.test(name));
  expect(queues).toHaveLength(3);
  for (const queue of queues) {
    const before = served.log.count(/consumer: the queue is declared again/);
    await broker.rabbitmqctl("delete_queue", queue);
    await until(5000, "the queue to be taken up", () => {
      return served.server.listening && served.log.count(/consumer: the queue is declared again/) > before;
    });
    const { server, ...topic } = names;
    await ours.client.call(topic, "hear", {});
    await ours.client.call({ ...topic, server }, "hear", {});
    const soFar = heard;
    await ours.client.fanout(topic, "hear", {});
    await until(5000, "the fanout to be heard", () => heard === soFar + 1);
  }
});

/** The broker by way of another port. */
function at(port: number): string {
  return broker.transportUrl.replace(`:${broker.port}/`, `:${port}/`);
}
