import { setTimeout as pause } from "node:timers/promises";
import type { RpcMethod } from "#bus/server/endpoint.js";
import type { Broker } from "../rigs/broker.js";
import type { RabbitMqContainer } from "../rigs/rabbitmq-container.js";
import { TcpProxy } from "../rigs/tcp-proxy.js";
import { until } from "../rigs/wait.js";
import { freshTarget, Ours } from "./ours.js";
import { Served } from "./served.js";
import { type Ground, survives, TIMEOUT_MS } from "./under-load.js";

/** Something that goes wrong under load, and must do no harm. */
export type Fault = (ground: Ground) => Promise<void>;

/** For connections that die without a word: both sides then notice within seconds. Those of the broker too, which holds what was not acknowledged. */
const quickHeartbeats = { heartbeat_timeout_threshold: "2" };

/** What can happen to any broker, by name. */
export const faults = {
  "the broker's application stops and starts": (ground) =>
    survives(ground, async () => {
      await ground.broker.rabbitmqctl("stop_app");
      await ground.broker.rabbitmqctl("start_app");
    }),

  "an operator closes all connections, twice": (ground) =>
    survives(ground, async () => {
      await ground.broker.rabbitmqctl("close_all_connections", "first");
      await ground.broker.rabbitmqctl("close_all_connections", "second");
    }),

  "the network resets every connection": async (ground) => {
    await using proxy = await TcpProxy.start(ground.broker.port);
    await survives(ground, async () => proxy.cut(), { through: at(proxy.port, ground.broker) });
  },

  "the network forgets the connections without a word: AMQP heartbeats notice": async (ground) => {
    await using proxy = await TcpProxy.start(ground.broker.port);
    await survives(
      ground,
      async (served) => {
        proxy.deaden();
        await until(30_000, "the dead connection to be noticed", () => served.log.count(/lost the message bus/) > 0);
      },
      { through: at(proxy.port, ground.broker), more: quickHeartbeats },
    );
  },

  "a memory alarm blocks publishers: the state says so, and nothing confirmed is lost": (ground) =>
    survives(ground, async (served, ours) => {
      // The broker blocks a connection when it next publishes; which of the two that is, the load decides.
      const states = (): string[] => [served.connection.state.kind, ours.connection.state.kind];
      try {
        await ground.broker.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1");
        await until(30_000, "a publisher to be blocked", () => states().includes("blocked"));
        await pause(TIMEOUT_MS + 1000);
      } finally {
        await ground.broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4");
      }
      await until(30_000, "the alarm to be over", () => !states().includes("blocked"));
    }),

  "the broker restarts": (ground) => survives(ground, () => ground.broker.restart()),

  "the broker is killed as by a power cut, and comes back": (ground) =>
    survives(ground, async () => {
      await ground.broker.kill();
      await ground.broker.start();
    }),

  "the broker is paused for longer than a request may take: connections are half-open": (ground) =>
    survives(ground, async () => {
      await ground.broker.pause();
      await pause(TIMEOUT_MS + 1000);
      await ground.broker.resume();
    }),

  "a queue is deleted, each of the three in turn, while the others go on": deletedQueues,
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

/** The broker in its container leaves its network: our side is cut off and refused, its own holds dead connections with what they had taken. */
export function offTheNetwork(broker: RabbitMqContainer, ground: Omit<Ground, "broker">): Promise<void> {
  return survives(
    { ...ground, broker },
    async () => {
      await broker.disconnect();
      await pause(TIMEOUT_MS + 1000);
      await broker.reconnect();
    },
    { more: quickHeartbeats },
  );
}

async function deletedQueues({ broker, options }: Ground): Promise<void> {
  const names = freshTarget();
  let heard = 0;
  const methods = new Map<string, RpcMethod>([["hear", async () => ++heard]]);
  await using served = await Served.start(broker.transportUrl, [{ version: "1.0", methods }], options, names);
  await using ours = Ours.start(broker.transportUrl, options);
  const ofThisTopic = new RegExp(`^${names.topic}(_|\\.|$)`);
  const queues = (await broker.rabbitmqctl("list_queues", "name")).split("\n").filter((name) => ofThisTopic.test(name));
  expect(queues).toHaveLength(3);
  for (const queue of queues) {
    const before = served.log.count(/consumer: the queue is declared again/);
    await broker.rabbitmqctl("delete_queue", queue);
    await until(30_000, "the queue to be taken up", () => {
      return served.server.listening && served.log.count(/consumer: the queue is declared again/) > before;
    });
    const { server, ...topic } = names;
    await ours.client.call(topic, "hear", {});
    await ours.client.call({ ...topic, server }, "hear", {});
    const soFar = heard;
    await ours.client.fanout(topic, "hear", {});
    await until(30_000, "the fanout to be heard", () => heard === soFar + 1);
  }
}

/** The broker by way of another port. */
function at(port: number, broker: Broker): string {
  return broker.transportUrl.replace(`:${broker.port}/`, `:${port}/`);
}
