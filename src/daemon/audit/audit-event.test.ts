import { contract } from "#api/contract.js";
import { FakeDrives } from "#api/fake-drives.js";
import { jsonDoor } from "#api/json-door.js";
import { Policy } from "#api/policy/policy.js";
import type { Event } from "#bus/notification/notification-publisher.js";
import { Refusal } from "#drive/refusal.js";
import { busEndpoint } from "../bus-door.js";
import type { FinishedCall } from "../call-log.js";
import { auditEvent } from "./audit-event.js";

const DRIVE = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const REQUEST = "5d9a3f10-1111-4222-8333-444455556666";
const at = new Date("2026-11-23T03:00:00Z");

/** Calls a method over the bus's door, and gives the event that tells of it. */
async function told(method: string, args: object, error?: unknown): Promise<Event | undefined> {
  const drives = new FakeDrives(() => DRIVE);
  drives.before = async () => {
    if (error !== undefined) throw error;
  };
  const calls: FinishedCall[] = [];
  const endpoint = busEndpoint({
    door: jsonDoor({ drives, policy: new Policy() }),
    newRequestId: () => "req-new",
    observe: (call) => calls.push(call),
    answer: async () => {},
    now: () => at,
  });
  const served = endpoint.methods.get(method);
  if (served === undefined || typeof served === "function") throw new Error(`${method} is not there`);
  const context = {
    roles: ["member"],
    project_id: "p",
    user_id: "u",
    service_roles: ["service"],
    auth_token: "hunter2",
  };
  const request = { method, version: "1.2", context, signal: new AbortController().signal };
  await served.run(JSON.parse(JSON.stringify(args)), request).catch(() => undefined);
  const [call] = calls;
  if (call === undefined) throw new Error("no call was observed");
  return auditEvent(call, at);
}

const dataOf = (event: Event | undefined) => Reflect.get(Object(event?.payload), "configdrive_object.data");
const populate = { request_id: REQUEST, blob: { data: Buffer.from("canary").toString("base64") } };

test("who did what to which drive, and what came of it; never content or a token", async () => {
  const event = await told("populate_volume", populate);
  expect(event).toMatchObject({ eventType: "configdrive.populate_volume.end", priority: "AUDIT", happenedAt: +at });
  expect(dataOf(event)).toMatchObject({
    ...{ method: "populate_volume", door: "bus", outcome: "success", reason: null, project_id: "p" },
    ...{ user_id: "u", user_project_id: "p", roles: ["member"], service_roles: ["service"], is_admin: false },
    ...{ drive_ids: [DRIVE], instance_ids: [], client_request_id: REQUEST, request_id: "req-new" },
  });
  const text = JSON.stringify(event);
  for (const canary of ["canary", "hunter2", populate.blob.data]) expect(text).not.toContain(canary);
});

test.each<[string, unknown, string, string]>([
  ["a refusal", new Refusal("DRIVE_BUSY", "at it"), "error", "DRIVE_BUSY"],
  ["a fault", new Error("password=hunter2"), "error", "INTERNAL"],
  ["a caller who waits no longer", new Refusal("DEADLINE_EXCEEDED", "late"), "pending", "DEADLINE_EXCEEDED"],
  ["a stop", new Refusal("SHUTTING_DOWN", "stops"), "pending", "SHUTTING_DOWN"],
])("%s is told with its reason and without its text", async (_what, error, end, reason) => {
  const event = await told("detach_drive", { request_id: REQUEST, drive_id: DRIVE, instance_id: "vm-1" }, error);
  expect(event?.eventType).toBe(`configdrive.detach_drive.${end}`);
  expect(dataOf(event)).toMatchObject({ reason, drive_ids: [DRIVE], instance_ids: ["vm-1"] });
  expect(JSON.stringify(event)).not.toContain("hunter2");
});

test("what a caller wrote in place of an id is not told", async () => {
  const event = await told("delete_drive", { request_id: "password=hunter2", drive_id: "x".repeat(1_000_000) });
  expect(dataOf(event)).toMatchObject({ reason: "INVALID_ARGUMENT", drive_ids: [], client_request_id: null });
  expect(JSON.stringify(event).length).toBeLessThan(2000);
});

test("arguments that cannot be read are told of, too", async () => {
  const event = await told("delete_drive", { drive_id: [] });
  expect(dataOf(event)).toMatchObject({ outcome: "failure", reason: "ARGUMENTS_MISMATCH", drive_ids: [] });
});

test("looking at drives is not told, and everything else is", () => {
  const about = (method: string) =>
    auditEvent({ door: "grpc", method, openstackRequestId: "r", projectId: "p", milliseconds: 1 }, at);
  const silent = contract().methods.filter(({ name }) => about(name) === undefined);
  expect(silent.map(({ name }) => name).sort()).toEqual([
    "DiffDrive",
    "GetCapabilities",
    "GetDrive",
    "GetInstance",
    "InspectDrive",
    "ListDrives",
    "ListInstances",
    "WatchDrives",
  ]);
});
