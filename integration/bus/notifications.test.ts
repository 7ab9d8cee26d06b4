import { randomUUID } from "node:crypto";
import { jest } from "@jest/globals";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import type { Notification } from "#bus/notification/notification.js";
import { NotificationListener, type NotificationListenerSetup } from "#bus/notification/notification-listener.js";
import { NotificationPublisher } from "#bus/notification/notification-publisher.js";
import { freePort } from "../rigs/ports.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { until } from "../rigs/wait.js";
import { envelope } from "./hand-made-server.js";
import { freshTarget, Ours, ports } from "./ours.js";

jest.setTimeout(60_000);

let broker: RabbitMq;
let ours: Ours;
let raw: ChannelModel;
let channel: ConfirmChannel;
let topic: string;
const { exchange } = freshTarget();

beforeAll(async () => {
  broker = await RabbitMq.start();
  ours = Ours.start(broker.transportUrl);
  raw = await connect(broker.url);
  channel = await raw.createConfirmChannel();
}, 120_000);

afterAll(async () => {
  await raw?.close();
  await ours?.[Symbol.asyncDispose]();
  await broker?.stop();
}, 60_000);

beforeEach(() => {
  topic = `topic-${randomUUID()}`;
});

async function listen(setup: Partial<NotificationListenerSetup>): Promise<NotificationListener> {
  const listener = new NotificationListener({
    connection: ours.connection,
    options: ours.options,
    sources: [{ exchange, topic }],
    priorities: ["INFO"],
    onNotification: async () => "handled",
    concurrency: 1,
    requeueDelayMs: 0,
    ...ports,
    logger: ours.log,
    ...setup,
  });
  listener.start();
  await listener.ready(AbortSignal.timeout(15_000));
  return listener;
}

/** Publishes by hand; resolves when the broker has it. */
async function tell(keys: object): Promise<void> {
  const body = envelope({ event_type: "e", priority: "INFO", payload: 1, _unique_id: randomUUID(), ...keys });
  channel.publish(exchange, `${topic}.info`, Buffer.from(body), { contentType: "application/json" });
  await channel.waitForConfirms();
}

/** Messages that lie in the queue when nobody consumes it. */
async function left(): Promise<number> {
  return (await channel.checkQueue(`${topic}.info`)).messageCount;
}

test("one that comes twice is heard once, and both are done with (wire §9)", async () => {
  const heard: Notification[] = [];
  const listener = await listen({
    onNotification: async (notification) => {
      heard.push(notification);
      return "handled";
    },
  });
  const _unique_id = randomUUID();
  await tell({ _unique_id });
  await tell({ _unique_id });
  await tell({ payload: "last" });
  await until(10_000, "the last one", () => heard.length === 2);
  await listener.close();
  expect(heard.map(({ payload }) => payload)).toEqual([1, "last"]);
  expect(await left()).toBe(0);
});

test("one at a time keeps the order, and what cannot be read is dropped between (wire §10, §12)", async () => {
  const heard: unknown[] = [];
  let running = 0;
  await using _listener = await listen({
    onNotification: async ({ payload }) => {
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      heard.push([payload, running]);
      running -= 1;
      return "handled";
    },
  });
  for (let n = 0; n < 20; n += 1) {
    await tell({ payload: n });
    await tell({ priority: "LOUD" });
    await tell({ event_type: null });
  }
  await until(10_000, "all of them", () => heard.length === 20);
  expect(heard).toEqual(Array.from({ length: 20 }, (_, n) => [n, 1]));
});

test("what a listener that closes did not deal with is heard by the next one", async () => {
  let entered = 0;
  const listener = await listen({
    onNotification: async (_notification, signal) => {
      entered += 1;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      return "requeue";
    },
  });
  await tell({ payload: "unfinished" });
  await tell({ payload: "not begun" });
  await until(10_000, "the first one", () => entered === 1);
  await listener.close();
  expect(await left()).toBe(2);
  const heard: unknown[] = [];
  await using _next = await listen({
    onNotification: async ({ payload }) => {
      heard.push(payload);
      return "handled";
    },
  });
  await until(10_000, "both", () => heard.length === 2);
  expect(heard).toEqual(["unfinished", "not begun"]);
});

test("what no broker takes in time is given up, said, and not thrown (wire §12)", async () => {
  await using lonely = Ours.start(`rabbit://u:p@127.0.0.1:${await freePort()}/`);
  await using publisher = new NotificationPublisher({
    connection: lonely.connection,
    options: lonely.options,
    ...{ exchange, topics: [topic], publisherId: "p", driver: "messagingv2" as const, timeoutMs: 200 },
    ...ports,
    logger: lonely.log,
  });
  expect(await publisher.publish({ eventType: "e", priority: "INFO", payload: null })).toBe(false);
  expect(lonely.log.count(/a notification was not published/)).toBe(1);
});
