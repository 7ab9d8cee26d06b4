import { errorFor } from "#api/error-for.js";
import type { Notification } from "#bus/notification/notification.js";
import { readContext } from "#bus/wire/context.js";
import { instanceDriveId } from "#drive/instance-drive-id.js";
import { nameBasedId } from "#drive/name-based-id.js";
import type { Call, RefreshDrive, ReleaseInstance } from "#drive/use-cases.js";
import { type InstanceNews, instanceNews } from "./instance-notification.js";

/** The use cases that notifications lead to. */
export interface Followed {
  releaseInstance(request: ReleaseInstance, call: Call): Promise<unknown>;
  refresh(request: RefreshDrive, call: Call): Promise<unknown>;
}

export interface FollowOptions {
  readonly drives: Followed;
  /** Whether a server that was renamed has its drive rendered anew. */
  readonly refresh: boolean;
  /** Told of what was done, or of the refusal that ended it. */
  readonly report: (news: InstanceNews, error?: unknown) => void;
}

/**
 * Does what nova's notifications ask for. The request id follows from the notification, so that one that is delivered again is done
 * once. What may yet succeed is given back, to be delivered again; any other refusal is the end of it.
 */
export function followInstances({ drives, refresh, report }: FollowOptions) {
  return async (notification: Notification, signal: AbortSignal): Promise<"handled" | "requeue"> => {
    const news = instanceNews(notification);
    if (news === undefined || (news.what === "renamed" && !refresh)) return "handled";
    const { instanceId, projectId } = news;
    const call: Call = { projectId, openstackRequestId: readContext(notification.context).requestId ?? "", signal };
    try {
      if (news.what === "deleted") {
        const requestId = nameBasedId(instanceId, "configdrive:notified:deleted");
        await drives.releaseInstance({ requestId, instanceId, host: "" }, call);
      } else {
        const requestId = nameBasedId(instanceId, `configdrive:notified:${notification.messageId}`);
        const driveId = instanceDriveId(instanceId, "config");
        await drives.refresh({ requestId, driveId, force: false, rerender: true }, call);
      }
      report(news);
      return "handled";
    } catch (error) {
      if (signal.aborted) return "requeue";
      const { row } = errorFor(error);
      if (row.retryAfterMs !== undefined) return "requeue";
      report(news, error);
      return "handled";
    }
  };
}
