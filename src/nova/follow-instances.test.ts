import type { Json } from "#bus/json.js";
import type { Notification } from "#bus/notification/notification.js";
import { instanceDriveId } from "#drive/instance-drive-id.js";
import { type Reason, Refusal } from "#drive/refusal.js";
import type { Call } from "#drive/use-cases.js";
import { followInstances } from "./follow-instances.js";

const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const data = { uuid: INSTANCE, tenant_id: "p1", host: "compute1", old_display_name: null };

/** nova's versioned form, as 26.2 and 31.0 send it. */
function notification(eventType: string, changed: object = {}, version = "1.8"): Notification {
  const payload: Json = {
    "nova_object.name": "InstanceActionPayload",
    "nova_object.namespace": "nova",
    "nova_object.version": version,
    "nova_object.data": { ...data, ...changed },
  };
  const context = { request_id: "req-3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11" };
  const told = { messageId: "5b1ff5ab-3a45-4f9a-9c0b-4f2f0e4e9a55", publisherId: "nova-compute:compute1" };
  return { ...told, eventType, priority: "INFO", payload, timestamp: "2026-01-01 00:00:00", context };
}

/** The use cases that are called, and what they refuse with. */
function open({ refresh = true, refusal }: { refresh?: boolean; refusal?: Reason } = {}) {
  const done: unknown[] = [];
  const reported: unknown[] = [];
  const take = (what: string) => async (request: { requestId: string }, call: Call) => {
    const { requestId: _, ...asked } = request;
    done.push([what, call.projectId, asked]);
    if (refusal !== undefined) throw new Refusal(refusal, "no");
  };
  const drives = { releaseInstance: take("release"), refresh: take("refresh") };
  const report = (_: unknown, error?: unknown) => void reported.push(error);
  const follow = followInstances({ drives, refresh, report });
  return { done, reported, hear: (told: Notification) => follow(told, new AbortController().signal) };
}

test("a server that is deleted is let go of, for the project that had it", async () => {
  const { done, reported, hear } = open();
  expect(await hear(notification("instance.delete.end"))).toBe("handled");
  expect(done).toEqual([["release", "p1", { instanceId: INSTANCE, host: "" }]]);
  expect(reported).toEqual([undefined]);
});

test("a server that is renamed has its drive rendered anew, where that is wanted", async () => {
  const renamed = notification("instance.update", { old_display_name: "before" });
  const { done, hear } = open();
  expect(await hear(renamed)).toBe("handled");
  expect(done).toEqual([
    ["refresh", "p1", { driveId: instanceDriveId(INSTANCE, "config"), force: false, rerender: true }],
  ]);
  const off = open({ refresh: false });
  expect(await off.hear(renamed)).toBe("handled");
  expect(off.done).toEqual([]);
});

test.each([
  ["another event", notification("instance.power_off.end")],
  ["an update of something else", notification("instance.update")],
  ["a delete that can be taken back", notification("instance.soft_delete.end")],
  ["a payload of another major version", notification("instance.delete.end", {}, "2.0")],
  ["an instance without an id", notification("instance.delete.end", { uuid: 7 })],
  ["the unversioned form", { ...notification("instance.delete.end"), payload: { instance_id: INSTANCE } }],
])("%s is passed over", async (_, told) => {
  const { done, hear } = open();
  expect(await hear(told)).toBe("handled");
  expect(done).toEqual([]);
});

test.each([
  ["DRIVE_BUSY", "requeue", 0],
  ["HOST_UNREACHABLE", "requeue", 0],
  ["NOT_ATTACHED", "handled", 1],
  ["DRIVE_NOT_FOUND", "handled", 1],
] as const)("%s: %s", async (refusal, outcome, reports) => {
  const { reported, hear } = open({ refusal });
  expect(await hear(notification("instance.update", { old_display_name: "before" }))).toBe(outcome);
  expect(reported).toHaveLength(reports);
});
