import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFrom } from "./refusals.js";
import { AnswerError, VimFault } from "./vim.js";

const use = { instanceId: "i", signal: new AbortController().signal };

test.each([
  [new VimFault("InvalidLogin", "no"), "HYPERVISOR_UNREACHABLE"],
  [new VimFault("NoPermission", "no"), "HYPERVISOR_UNREACHABLE"],
  [new VimFault("ManagedObjectNotFound", "gone"), "INSTANCE_NOT_FOUND"],
  [new VimFault("InvalidPowerState", "suspended"), "INSTANCE_NOT_RUNNING"],
  [new VimFault("TaskInProgress", "busy"), "INSTANCE_BUSY"],
  [new VimFault("InvalidDeviceSpec", "taken"), "DEVICE_BUSY"],
  [new VimFault("NoDiskSpace", "full"), "STORAGE_FULL"],
  [new VimFault("NotSupported", "a template"), "HYPERVISOR_FAILED"],
  [new VimFault("", "who knows"), "HYPERVISOR_FAILED"],
  [new Unreachable("ECONNREFUSED"), "HYPERVISOR_UNREACHABLE"],
  [new AnswerError("it is no SOAP envelope"), "HYPERVISOR_FAILED"],
])("%s is refused as %s", (error, reason) => {
  expect(refusalFrom(error, use)).toMatchObject({
    reason,
    message: expect.stringContaining(error.message),
    metadata: { hypervisor: "vsphere", instance_id: "i" },
    cause: error,
  });
});

test("a caller who gave up is told that; a refusal and a fault of ours stay what they are", () => {
  expect(refusalFrom(new Error("x"), { ...use, signal: AbortSignal.abort() })).toMatchObject({ reason: "CANCELLED" });
  const refusal = new Refusal("STORAGE_FULL", "full");
  expect(refusalFrom(refusal, { ...use, signal: AbortSignal.abort() })).toBe(refusal);
  const fault = new TypeError("a bug");
  expect(refusalFrom(fault, use)).toBe(fault);
});
