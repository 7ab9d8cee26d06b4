import type { Json, JsonObject } from "../json.js";
import { contextOf, flattenContext } from "../wire/context-keys.js";
import { UndecodableMessage } from "../wire/undecodable.js";
import { type Priority, readPriority } from "./priority.js";

/** What one service tells all who listen (wire §12). */
export interface Notification {
  /** UUID with dashes. */
  readonly messageId: string;
  /** `service.host`, or `service:host` in versioned notifications. */
  readonly publisherId: string;
  /** Dotted, such as `compute.instance.create.end`. */
  readonly eventType: string;
  readonly priority: Priority;
  readonly payload: Json;
  /** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC. */
  readonly timestamp: string;
  readonly context: JsonObject;
}

/** The inner message of a notification. */
export function encodeNotification(notification: Notification, uniqueId: string): JsonObject {
  const inner: JsonObject = {
    message_id: notification.messageId,
    publisher_id: notification.publisherId,
    event_type: notification.eventType,
    priority: notification.priority,
    payload: notification.payload,
    timestamp: notification.timestamp,
    _unique_id: uniqueId,
  };
  flattenContext(notification.context, inner);
  return inner;
}

/**
 * Reads the inner message of a notification. Text fields that are absent become empty: only event type and priority decide what is done.
 * @throws UndecodableMessage where these two are not what they must be
 */
export function decodeNotification(inner: Readonly<JsonObject>): {
  notification: Notification;
  uniqueId: Json | undefined;
} {
  const context = contextOf(inner);
  const priority = typeof inner.priority === "string" ? readPriority(inner.priority) : undefined;
  if (priority === undefined) throw new UndecodableMessage("priority is none of the known ones");
  if (typeof inner.event_type !== "string") throw new UndecodableMessage("event_type is not a string");
  const notification: Notification = {
    messageId: textOf(inner.message_id),
    publisherId: textOf(inner.publisher_id),
    eventType: inner.event_type,
    priority,
    payload: inner.payload ?? null,
    timestamp: textOf(inner.timestamp),
    context,
  };
  return { notification, uniqueId: inner._unique_id };
}

/** A moment as Python prints it: a space, no zone, and no fraction for a whole second. @param now milliseconds since the epoch */
export function notificationTime(now: number): string {
  const text = new Date(now).toISOString().replace("T", " ").replace("Z", "000");
  return text.endsWith(".000000") ? text.slice(0, -7) : text;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
