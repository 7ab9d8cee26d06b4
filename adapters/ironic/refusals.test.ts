import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { AnswerError, ApiError } from "./api.js";
import { refusalFrom } from "./refusals.js";

const use = { instanceId: "i", signal: new AbortController().signal };

test.each([
  [new ApiError(400, "no such target"), "HYPERVISOR_FAILED"],
  [new ApiError(401, "who are you"), "HYPERVISOR_UNREACHABLE"],
  [new ApiError(403, "not you"), "HYPERVISOR_UNREACHABLE"],
  [new ApiError(404, "gone"), "INSTANCE_NOT_FOUND"],
  [new ApiError(406, "an older API"), "HYPERVISOR_FAILED"],
  [new ApiError(409, "locked"), "INSTANCE_BUSY"],
  [new ApiError(413, "too large for a proxy"), "BUS_NOT_AVAILABLE"],
  [new ApiError(500, "who knows"), "HYPERVISOR_FAILED"],
  [new ApiError(503, "no conductor"), "HYPERVISOR_UNREACHABLE"],
  [new Unreachable("ECONNREFUSED"), "HYPERVISOR_UNREACHABLE"],
  [new AnswerError("it is no JSON"), "HYPERVISOR_FAILED"],
])("%s is refused as %s", (error, reason) => {
  expect(refusalFrom(error, use)).toMatchObject({
    reason,
    message: expect.stringContaining(error.message),
    metadata: { hypervisor: "ironic", instance_id: "i" },
    cause: error,
  });
});

test("a caller who gave up is told that; a refusal and a fault of ours stay what they are", () => {
  expect(refusalFrom(new Error("x"), { ...use, signal: AbortSignal.abort() })).toMatchObject({ reason: "CANCELLED" });
  const refusal = new Refusal("DEVICE_BUSY", "busy");
  expect(refusalFrom(refusal, { ...use, signal: AbortSignal.abort() })).toBe(refusal);
  const fault = new TypeError("a bug");
  expect(refusalFrom(fault, use)).toBe(fault);
});
