import { FakeDrives } from "#api/fake-drives.js";
import { jsonDoor } from "#api/json-door.js";
import { Policy } from "#api/policy/policy.js";
import type { JsonObject } from "#bus/json.js";
import type { IncomingRequest } from "#bus/server/endpoint.js";
import { Refusal } from "#drive/refusal.js";
import { busEndpoint } from "./bus-door.js";
import type { FinishedCall } from "./call-log.js";

const DRIVE = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const REQUEST = "req-3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11";

function open() {
  const drives = new FakeDrives(() => DRIVE);
  const finished: FinishedCall[] = [];
  const calls: { projectId: string; openstackRequestId: string }[] = [];
  drives.before = async (call) => void calls.push(call);
  const endpoint = busEndpoint({
    door: jsonDoor({ drives, policy: new Policy() }),
    newRequestId: () => "req-new",
    observe: (call) => finished.push(call),
    answer: async () => {},
    now: () => new Date(),
  });
  const run = async (
    name: string,
    args: JsonObject,
    context: JsonObject = { roles: ["member", "reader"], project_id: "p" },
  ) => {
    const method = endpoint.methods.get(name);
    if (method === undefined || typeof method === "function")
      throw new Error(`${name} is not there, or not idempotent`);
    const request: IncomingRequest = { method: name, version: "1.0", context, signal: new AbortController().signal };
    return method.run(args, request);
  };
  return { drives, endpoint, finished, calls, run };
}

test("every unary method of the contract is a method of the bus, and may run twice", () => {
  const { endpoint } = open();
  expect([...endpoint.methods.keys()].sort()).toEqual([
    "attach_drive",
    "build_instance_drive",
    "connect_drive",
    "declare_host",
    "delete_drive",
    "detach_drive",
    "diff_drive",
    "disconnect_drive",
    "get_capabilities",
    "get_drive",
    "get_instance",
    "inspect_drive",
    "list_drives",
    "list_instances",
    "populate_volume",
    "record_instance_drive",
    "refresh_drive",
    "release_instance",
    "run_instances",
    "stage_instance_drive",
    "start_instance",
    "stop_instance",
    "terminate_instances",
    "update_drive",
  ]);
  expect(endpoint.version).toMatch(/^1\.\d+$/);
  expect(endpoint.namespace).toBeUndefined();
  for (const method of endpoint.methods.values()) expect(method).toMatchObject({ idempotent: true });
});

test.each([
  ["project and request of an oslo context", { project_id: "p", request_id: REQUEST }, "p", REQUEST],
  ["the project under its old name", { tenant: "old" }, "old", "req-new"],
  ["a request id of another form is not taken over", { project_id: "p", request_id: "req-\nx" }, "p", "req-new"],
  ["nothing usable", { project_id: null, tenant: 7, request_id: {} }, "", "req-new"],
])("the caller is known by %s", async (_, context, projectId, openstackRequestId) => {
  const { run, calls, finished } = open();
  await run("list_drives", {}, { ...context, is_admin: true });
  expect(calls[0]).toMatchObject({ projectId, openstackRequestId });
  const milliseconds = expect.any(Number);
  const nothing = { driveIds: [], instanceIds: [] };
  const caller = expect.objectContaining({ projectId });
  expect(finished).toEqual([
    { door: "bus", method: "list_drives", projectId, openstackRequestId, caller, subject: nothing, milliseconds },
  ]);
});

test("whoever has no role is refused before anything is looked at, and the log learns who it was", async () => {
  const { run, drives, finished } = open();
  const context = { project_id: "p", user_id: "u", roles: ["auditor", 7], is_admin: "yes" };
  await expect(run("get_drive", { drive_id: "no id at all" }, context)).rejects.toMatchObject({
    exceptionModule: "nova.exception",
    exceptionClass: "PolicyNotAuthorized",
    kwargs: { action: "configdrive:get_drive" },
    message: expect.stringMatching(/configdrive:get_drive to user u of project p, with roles auditor \[FORBIDDEN\]$/),
  });
  expect(drives.seen).toEqual([]);
  expect(finished[0]?.error).toMatchObject({ reason: "FORBIDDEN", metadata: { user_id: "u", roles: "auditor" } });
});

test.each([
  ["too long", "p".repeat(256), "got 256 bytes"],
  ["with a NUL", "p\0", "control characters"],
])("a project id that is %s is refused, and not by the catalog", async (_what, project_id, says) => {
  const { run, drives } = open();
  const context = { project_id, roles: ["member", "reader"] };
  await expect(run("list_drives", {}, context)).rejects.toMatchObject({ message: expect.stringContaining(says) });
  expect(drives.seen).toEqual([]);
});

test("a result is the contract's JSON form", async () => {
  const { run } = open();
  const blob = { data: Buffer.from("bytes").toString("base64") };
  await expect(run("populate_volume", { request_id: DRIVE, blob })).resolves.toMatchObject({
    drive: { id: DRIVE, pending_generation: 1 },
  });
});

test("a refusal is the exception that the error table names, and its reason is told", async () => {
  const { run, finished } = open();
  await expect(run("get_drive", { drive_id: DRIVE })).rejects.toMatchObject({
    name: "RpcFailure",
    exceptionModule: "nova.exception",
    message: expect.stringMatching(/\[DRIVE_NOT_FOUND\]$/),
  });
  expect(finished[0]?.error).toMatchObject({ reason: "DRIVE_NOT_FOUND" });
});

test("an argument that the contract does not have is refused with its path", async () => {
  const { run } = open();
  await expect(run("get_drive", { drive_id: DRIVE, drvie: 1 })).rejects.toMatchObject({
    message: expect.stringContaining("drvie"),
  });
});

test("a fault of the service tells the caller nothing of itself, and the log everything", async () => {
  const { run, drives, finished } = open();
  drives.before = async () => {
    throw new Error("secret internals");
  };
  const failing = run("list_drives", {});
  await expect(failing).rejects.toMatchObject({ name: "RpcFailure", message: expect.not.stringContaining("secret") });
  expect(finished[0]?.error).toMatchObject({ message: "secret internals" });
});

test("metadata that an exception of nova takes reaches its keywords", async () => {
  const { run, drives } = open();
  drives.before = async () => {
    throw new Refusal("INSTANCE_NOT_FOUND", "no such instance", { metadata: { instance_id: "vm-1" } });
  };
  await expect(run("get_drive", { drive_id: DRIVE })).rejects.toMatchObject({
    exceptionClass: "InstanceNotFound",
    kwargs: expect.objectContaining({ instance_id: "vm-1" }),
  });
});
