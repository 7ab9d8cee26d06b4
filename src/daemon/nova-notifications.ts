import type { Logger } from "pino";
import type { NotificationListener } from "#bus/notification/notification-listener.js";
import { type Followed, followInstances } from "#nova/follow-instances.js";
import type { InstanceNews } from "#nova/instance-notification.js";
import { BusLine } from "./bus-line.js";
import type { BusConfig } from "./config/bus.js";
import type { Config } from "./config/options.js";

/** Notifications dealt with at a time, and how long one that has to wait is kept back. */
const CONCURRENCY = 8;
const REQUEUE_MS = 2000;

/** What is heard of nova's instances, at every cell's broker and at those that carry notifications alone. */
export class NovaNotifications {
  private constructor(
    private readonly listeners: readonly NotificationListener[],
    private readonly own: readonly BusLine[],
  ) {}

  /** Begins to listen, and returns at once; `undefined` where no topic is configured. */
  static open(
    config: Config,
    lines: readonly BusLine[],
    notifying: readonly BusConfig[],
    drives: Followed,
    logger: Logger,
  ): NovaNotifications | undefined {
    const topic = config.notificationTopic;
    if (topic === undefined) return undefined;
    const report = (news: InstanceNews, error?: unknown) => logNews(logger, news, error);
    const own = notifying.map((bus) => BusLine.open(bus, logger, "configdrive"));
    const listeners = [...lines, ...own].map((heard) =>
      heard.listener({
        sources: [{ exchange: config.notificationExchange, topic }],
        priorities: ["INFO"],
        // Services with a catalog of their own each hear all of it; those that share one share the notifications too.
        pool: config.role === "service" ? topic : `${topic}.${config.host}`,
        onNotification: followInstances({ drives, refresh: config.refreshRenamed, report }),
        concurrency: CONCURRENCY,
        requeueDelayMs: REQUEUE_MS,
      }),
    );
    for (const listener of listeners) listener.start();
    return new NovaNotifications(listeners, own);
  }

  /** Hears no more; what is under way is given back. */
  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
    await Promise.all(this.own.map((line) => line.close()));
  }
}

function logNews(logger: Logger, { what, instanceId, projectId }: InstanceNews, error: unknown): void {
  const fields = { event: "instance", what, instance_id: instanceId, project_id: projectId };
  if (error === undefined) logger.info(fields, `instance ${instanceId} is ${what}`);
  else logger.warn({ ...fields, err: error }, `instance ${instanceId} is ${what}; nothing was done about it`);
}
