import type { Json, JsonObject } from "../json.js";
import { decodeNotification, encodeNotification, notificationTime } from "./notification.js";
import { notificationKey } from "./priority.js";
import { decodeVersionedPayload, encodeVersionedPayload } from "./versioned-payload.js";

const notification = {
  messageId: "f60eb2bc-207c-4258-be43-c8108f8534de",
  publisherId: "compute.host1",
  eventType: "compute.instance.create.end",
  priority: "INFO",
  payload: { instance_id: "abc", n: 1 },
  timestamp: "2026-11-22 12:14:25.777369",
  context: { user_id: "u1" },
} as const;

describe("notifications (wire §12)", () => {
  test("are written with these keys, and no key of a request", () => {
    expect(encodeNotification(notification, "u")).toEqual({
      message_id: "f60eb2bc-207c-4258-be43-c8108f8534de",
      publisher_id: "compute.host1",
      event_type: "compute.instance.create.end",
      priority: "INFO",
      payload: { instance_id: "abc", n: 1 },
      timestamp: "2026-11-22 12:14:25.777369",
      _unique_id: "u",
      _context_user_id: "u1",
    });
  });

  test("what is written reads back", () => {
    expect(decodeNotification(encodeNotification(notification, "u"))).toEqual({ notification, uniqueId: "u" });
  });

  test("the priority is upper case in the body, lower case in the key", () => {
    expect(notificationKey("notifications", "WARN")).toBe("notifications.warn");
    expect(decodeNotification({ event_type: "e", priority: "warn" }).notification.priority).toBe("WARN");
  });

  test("the time has a space, no zone, and no fraction for a whole second", () => {
    expect(notificationTime(Date.UTC(2026, 10, 22, 12, 14, 25, 777))).toBe("2026-11-22 12:14:25.777000");
    expect(notificationTime(Date.UTC(2026, 10, 22, 12, 14, 25))).toBe("2026-11-22 12:14:25");
  });

  test.each<JsonObject>([
    {},
    { event_type: "e" },
    { event_type: "e", priority: "LOUD" },
    { event_type: 5, priority: "INFO" },
  ])("%j is no notification", (inner) => {
    expect(() => decodeNotification(inner)).toThrow(/priority|event_type/);
  });
});

describe("versioned payloads (wire §12, §13)", () => {
  const payload = { name: "DrivePayload", namespace: "configdrive", version: "1.0", data: { id: "d" } };

  test("carry name, namespace, version and data under the service's prefix", () => {
    const written = encodeVersionedPayload("nova_object", payload);
    expect(written).toEqual({
      "nova_object.name": "DrivePayload",
      "nova_object.namespace": "configdrive",
      "nova_object.version": "1.0",
      "nova_object.data": { id: "d" },
    });
    expect(decodeVersionedPayload("nova_object", written)).toEqual(payload);
  });

  test.each<Json>([null, 1, [], {}, { "nova_object.name": "X" }])("%j is no versioned payload", (value) => {
    expect(decodeVersionedPayload("nova_object", value)).toBeUndefined();
  });
});
