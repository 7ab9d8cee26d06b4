import type { Notification } from "#bus/notification/notification.js";
import { NotificationListener, type NotificationListenerSetup } from "#bus/notification/notification-listener.js";
import { type NotificationDriver, NotificationPublisher } from "#bus/notification/notification-publisher.js";
import { encodeVersionedPayload } from "#bus/notification/versioned-payload.js";
import { until } from "../rigs/wait.js";
import type { Meeting } from "./meeting.js";
import { ports } from "./ours.js";

/** Notifications from Python to us and from us to Python. */
export function describeNotifications(meeting: () => Meeting): void {
  let topics = 0;
  const freshTopic = (): string => `${meeting().target.topic}_notifications${++topics}`;
  const listen = async (
    topic: string,
    heard: Notification[],
    setup: Partial<NotificationListenerSetup> = {},
  ): Promise<NotificationListener> => {
    const { ours, target } = meeting();
    const listener = new NotificationListener({
      connection: ours.connection,
      options: ours.options,
      sources: [{ exchange: target.exchange, topic }],
      priorities: ["INFO", "ERROR"],
      onNotification: async (notification) => {
        heard.push(notification);
        return "handled";
      },
      concurrency: 1,
      requeueDelayMs: 0,
      ...ports,
      logger: ours.log,
      ...setup,
    });
    listener.start();
    await listener.ready(AbortSignal.timeout(15_000));
    return listener;
  };
  const publish = (topic: string, driver: NotificationDriver) => {
    const { ours, target } = meeting();
    return new NotificationPublisher({
      connection: ours.connection,
      options: ours.options,
      exchange: target.exchange,
      topics: [topic],
      publisherId: "configdrive:host-1",
      driver,
      timeoutMs: 10_000,
      ...ports,
      logger: ours.log,
    });
  };

  test("their notifications reach us, with an envelope and without, none before anybody listened lost (wire §12)", async () => {
    const { peer } = meeting();
    const topic = freshTopic();
    const told = { topics: [topic], publisher_id: "compute.host1", context: { user_id: "u1", auth_token: "hunter2" } };
    await peer.do("notify", { ...told, priority: "info", event_type: "instance.start", payload: { n: 1 } });
    const heard: Notification[] = [];
    await using _listener = await listen(topic, heard);
    const bare = { ...told, driver: "messaging" };
    await peer.do("notify", { ...bare, priority: "error", event_type: "instance.error", payload: { n: 2 } });
    await until(10_000, "two notifications", () => heard.length === 2);
    expect(heard).toEqual([
      expect.objectContaining({
        eventType: "instance.start",
        priority: "INFO",
        payload: { n: 1 },
        publisherId: "compute.host1",
      }),
      expect.objectContaining({ eventType: "instance.error", priority: "ERROR", payload: { n: 2 } }),
    ]);
    expect(heard[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    expect(JSON.stringify(heard)).not.toContain("hunter2");
  });

  test("every pool hears everything, listeners of one pool share it (wire §12)", async () => {
    const topic = freshTopic();
    const [one, other, shared]: Notification[][] = [[], [], []];
    if (one === undefined || other === undefined || shared === undefined) throw new Error("no lists");
    await using _one = await listen(topic, one, { pool: `${topic}-one` });
    await using _other = await listen(topic, other, { pool: `${topic}-other` });
    await using _again = await listen(topic, other, { pool: `${topic}-other` });
    const told = { topics: [topic], publisher_id: "p", priority: "info", event_type: "e" };
    for (let n = 1; n <= 4; n += 1) await meeting().peer.do("notify", { ...told, payload: n });
    await until(10_000, "four notifications in each pool", () => one.length === 4 && other.length === 4);
    const payloads = (list: readonly Notification[]) => list.map(({ payload }) => payload).sort();
    expect([payloads(one), payloads(other)]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test("one that we give back, or fail at, comes again (wire §9, §10)", async () => {
    const topic = freshTopic();
    const heard: Notification[] = [];
    const outcomes = ["requeue", "throw", "handled"];
    const onNotification: NotificationListenerSetup["onNotification"] = async (notification) => {
      const outcome = outcomes[heard.push(notification) - 1];
      if (outcome === "throw") throw new Error("not now");
      return outcome === "requeue" ? "requeue" : "handled";
    };
    await using _listener = await listen(topic, heard, { onNotification });
    const told = { topics: [topic], publisher_id: "p", priority: "info", event_type: "e", payload: 1 };
    await meeting().peer.do("notify", told);
    await until(10_000, "the third delivery", () => heard.length === 3);
    await meeting().peer.do("notify", { ...told, payload: 2 });
    await until(10_000, "the next notification", () => heard.length === 4);
    expect(heard.map(({ payload }) => payload)).toEqual([1, 1, 1, 2]);
  });

  test.each(["messagingv2", "messaging"] as const)(
    "ours (%s) reach them, and come again when they give one back (wire §12)",
    async (driver) => {
      const { peer } = meeting();
      const topic = freshTopic();
      const before = Object(await peer.do("happened", { count: 0 })).length;
      await peer.do("listen", { topic, requeue: 1 });
      await using publisher = publish(topic, driver);
      const payload = encodeVersionedPayload("nova_object", {
        ...{ name: "DrivePayload", namespace: "configdrive", version: "1.0" },
        data: { id: "é" },
      });
      const context = { user_id: "u1", request_id: "req-1", auth_token: "hunter2" };
      expect(await publisher.publish({ eventType: "drive.attach.end", priority: "INFO", payload, context })).toBe(true);
      const happened = Object(await peer.do("happened", { count: before + 2 })).slice(before);
      const expected = {
        priority: "info",
        publisher_id: "configdrive:host-1",
        event_type: "drive.attach.end",
        payload,
        context: expect.objectContaining({ user_id: "u1", request_id: "req-1" }),
        metadata: { message_id: expect.stringMatching(/^[0-9a-f-]{36}$/), timestamp: expect.stringMatching(/^\d{4}-/) },
      };
      expect(happened).toEqual([expected, expected]);
      expect(JSON.stringify(happened)).not.toContain("hunter2");
    },
  );
}
