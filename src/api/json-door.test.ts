import { contract } from "./contract.js";
import { FakeDrives } from "./fake-drives.js";
import { jsonDoor } from "./json-door.js";
import { type CallerCall, operator } from "./policy/caller.js";
import { Policy } from "./policy/policy.js";

const ID = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
const DRIVE = "11111111-2222-4333-8444-555555555555";
const call: CallerCall = {
  projectId: "p",
  caller: operator("p"),
  openstackRequestId: "req-1",
  signal: new AbortController().signal,
};

function open() {
  const drives = new FakeDrives(() => DRIVE);
  return { drives, door: jsonDoor({ drives, policy: new Policy() }) };
}

test("the door offers every unary method of the contract", () => {
  const { door } = open();
  const unary = contract().methods.filter((method) => !method.streaming);
  expect([...door.methods.keys()]).toEqual(unary.map((method) => method.busName));
  expect(door.version).toMatch(/^1\.\d+$/);
});

test("a drive's life in JSON: populate, attach, refresh, detach, get, list, delete", async () => {
  const { drives, door } = open();
  const data = Buffer.from("bytes").toString("base64");
  const made = await door.callJson("populate_volume", { request_id: ID, blob: { data }, size_bytes: 512 }, call);
  expect(made).toMatchObject({
    drive: { id: DRIVE, project_id: "p", state: "DRIVE_STATE_AVAILABLE", pending_generation: 1 },
  });
  expect(drives.seen[0]).toEqual({
    requestId: ID,
    driveId: "",
    content: { kind: "blob", bytes: Buffer.from("bytes") },
    label: "",
    sizeBytes: 512,
    whenAttached: "refuse",
  });

  const attach = {
    request_id: ID,
    drive_id: DRIVE,
    instance_id: "i",
    bus: "DEVICE_BUS_VIRTIO",
    kind: "DEVICE_KIND_DISK",
  };
  expect(await door.callJson("attach_drive", attach, call)).toMatchObject({
    drive: {
      state: "DRIVE_STATE_IN_USE",
      applied_generation: 1,
      attachments: [{ instance_id: "i", device: { kind: "DEVICE_KIND_DISK", bus: "DEVICE_BUS_VIRTIO" } }],
    },
  });
  expect(drives.seen[1]).toEqual({
    requestId: ID,
    driveId: DRIVE,
    instanceId: "i",
    host: "",
    kind: "disk",
    bus: "virtio",
  });

  const again = { request_id: ID, drive_id: DRIVE, when_attached: "WHEN_ATTACHED_STAGE", files: { files: [] } };
  expect(await door.callJson("populate_volume", again, call)).toMatchObject({
    drive: { pending_generation: 2, applied_generation: 1 },
  });
  expect(await door.callJson("refresh_drive", { request_id: ID, drive_id: DRIVE, force: true }, call)).toMatchObject({
    drive: { applied_generation: 2 },
  });
  expect(drives.seen[3]).toEqual({ requestId: ID, driveId: DRIVE, force: true, rerender: false });
  await door.callJson("detach_drive", { request_id: ID, drive_id: DRIVE }, call);
  expect(drives.seen[4]).toEqual({ requestId: ID, driveId: DRIVE, instanceId: "", force: false });
  expect(await door.callJson("get_drive", { drive_id: DRIVE }, call)).toMatchObject({ drive: { attachments: [] } });
  expect(await door.callJson("list_drives", {}, call)).toMatchObject({ drives: [{ id: DRIVE }], next_page_token: "" });
  expect(drives.seen.at(-1)).toEqual({ instanceId: "", host: "", pageSize: 100, pageToken: "" });
  await door.callJson("list_drives", { host: "h", attached: false, instance_id: "i" }, call);
  expect(drives.seen.at(-1)).toMatchObject({ instanceId: "i", host: "h", attached: false });
  await expect(door.callJson("list_drives", { attached: "no" }, call)).rejects.toThrow("attached: ");
  expect(await door.callJson("delete_drive", { request_id: ID, drive_id: DRIVE }, call)).toEqual({});
  expect(drives.drives.size).toBe(0);
});

test("files come as bytes, text, nothing, or the same as another", async () => {
  const { drives, door } = open();
  const files = [
    { path: "a", content: "AQ==", mode: 0o600 },
    { path: "b", text: "é" },
    { path: "c", same_as: "a" },
    { path: "d" },
  ];
  const args = { request_id: ID, files: { files, directories: [{ path: "e", mode: 0o700 }, { path: "f" }] } };
  await door.callJson("populate_volume", { ...args, delete_on_termination: false, format: "IMAGE_FORMAT_VFAT" }, call);
  expect(drives.seen[0]).toMatchObject({
    format: "vfat",
    deleteOnTermination: false,
    content: {
      kind: "files",
      files: [
        { path: "a", data: { kind: "content", bytes: Buffer.from([1]) }, mode: 0o600 },
        { path: "b", data: { kind: "content", bytes: Buffer.from("é") } },
        { path: "c", data: { kind: "same_as", path: "a" } },
        { path: "d", data: { kind: "content", bytes: new Uint8Array(0) } },
      ],
      directories: [{ path: "e", mode: 0o700 }, { path: "f" }],
    },
  });
});

test("bad input never reaches a use case", async () => {
  const { drives, door } = open();
  await expect(door.callJson("populate_volume", { request_id: ID }, call)).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
  });
  await expect(door.callJson("get_drive", { id: DRIVE }, call)).rejects.toMatchObject({ reason: "ARGUMENTS_MISMATCH" });
  await expect(door.callJson("getDrive", {}, call)).rejects.toMatchObject({ reason: "METHOD_UNKNOWN" });
  expect(drives.seen).toEqual([]);
});

test("a call whose time is over already is not begun", async () => {
  const { drives, door } = open();
  const late = { ...call, signal: AbortSignal.abort(new DOMException("late", "TimeoutError")) };
  await expect(door.callJson("get_drive", { drive_id: DRIVE }, late)).rejects.toThrow("late");
  expect(drives.seen).toEqual([]);
});

test("a use case's refusal comes through as it is", async () => {
  const { door } = open();
  await expect(door.callJson("get_drive", { drive_id: DRIVE }, call)).rejects.toMatchObject({
    reason: "DRIVE_NOT_FOUND",
  });
});

test("a log shows the arguments without their secrets", () => {
  const { door } = open();
  const shown = door.methods.get("populate_volume")?.redact({ request_id: ID, blob: { data: "aHVudGVyMg==" } });
  expect(shown).toMatchObject({ request_id: ID, blob: { data: "[secret, 7 bytes]" } });
});
