import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refusal } from "#drive/refusal.js";
import { protoDirectory } from "./contract-files.js";
import { errorFor } from "./error-for.js";
import { ERRORS } from "./errors.js";
import { errorsPage } from "./errors-page.js";
import { osloFailure } from "./oslo-failure.js";

test("docs/errors.md is what the table says (make docs)", () => {
  expect(readFileSync(join(dirname(protoDirectory()), "docs", "errors.md"), "utf8")).toBe(errorsPage());
});

test("reasons fit google.rpc.ErrorInfo, and an exception takes only metadata that its row names", () => {
  for (const [reason, row] of Object.entries(ERRORS)) {
    expect(reason).toMatch(/^[A-Z][A-Z0-9_]{0,62}$/);
    const sources = Object.values(row.exception.kwargs).filter((source) => source !== "message");
    expect(row.metadata).toEqual(expect.arrayContaining(sources));
  }
});

/** What the message of each of nova's classes formats: nova/exception.py, alike in 26.0.0, 31.0.0 and the newest. */
const NOVA_KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  NovaException: [],
  Forbidden: [],
  PolicyNotAuthorized: ["action"],
  InvalidInput: ["reason"],
  InvalidVolume: ["reason"],
  VolumeNotFound: ["volume_id"],
  VolumeAttachFailed: ["volume_id", "reason"],
  DeviceDetachFailed: ["device", "reason"],
  DiskNotFound: ["location"],
  InstanceNotFound: ["instance_id"],
  InstanceNotRunning: ["instance_id"],
  InstanceInvalidState: ["attr", "instance_uuid", "state", "method"],
  ComputeHostNotFound: ["host"],
  HypervisorUnavailable: [],
  InternalError: ["err"],
  OverQuota: ["overs"],
  StorageError: ["reason"],
  ServiceUnavailable: [],
};

test("a nova exception gets every keyword that its message formats", () => {
  for (const { exception } of Object.values(ERRORS)) {
    if (exception.module !== "nova.exception") continue;
    expect(Object.keys(NOVA_KEYWORDS)).toContain(exception.class);
    expect(Object.keys(exception.kwargs)).toEqual(expect.arrayContaining([...NOVA_KEYWORDS[exception.class]!]));
  }
});

test("a refusal is answered from its row, metadata and message with it", () => {
  const answer = errorFor(new Refusal("DRIVE_NOT_FOUND", "no drive d", { metadata: { drive_id: "d" } }));
  expect(answer).toMatchObject({ reason: "DRIVE_NOT_FOUND", message: "no drive d", row: { status: "NOT_FOUND" } });
  expect(osloFailure(answer)).toEqual({
    module: "nova.exception",
    class: "VolumeNotFound",
    message: "no drive d [DRIVE_NOT_FOUND]",
    args: ["no drive d [DRIVE_NOT_FOUND]"],
    kwargs: { volume_id: "d" },
  });
});

test("a keyword whose metadata is not known is given empty, never left out", () => {
  expect(osloFailure(errorFor(new Refusal("INSTANCE_NOT_FOUND", "gone"))).kwargs).toEqual({ instance_id: "" });
});

test("Python's own exceptions get their text alone", () => {
  const failure = osloFailure(errorFor(new Refusal("ARGUMENTS_MISMATCH", "label: must be a string (got a number)")));
  expect(failure).toMatchObject({ module: "builtins", class: "TypeError", kwargs: {} });
  expect(failure.args).toEqual(["label: must be a string (got a number)"]);
});

test("what is no refusal is INTERNAL and keeps its text to itself", () => {
  const answer = errorFor(new Error("password=hunter2"));
  expect(answer.reason).toBe("INTERNAL");
  expect(JSON.stringify(answer)).not.toContain("hunter2");
  expect(errorFor("thrown text").reason).toBe("INTERNAL");
});

test("an aborted wait is told apart from one that ran out of time", async () => {
  expect(errorFor(AbortSignal.abort().reason).reason).toBe("CANCELLED");
  expect(errorFor(new DOMException("late", "TimeoutError")).reason).toBe("DEADLINE_EXCEEDED");
});
