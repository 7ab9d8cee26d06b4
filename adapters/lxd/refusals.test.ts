import { Unreachable } from "../http-exchange.js";
import { LxdError } from "./api.js";
import { refusalFrom } from "./refusals.js";

const use = { instanceId: "c1", signal: new AbortController().signal };

test.each([
  [new LxdError(404, "Instance not found"), "INSTANCE_NOT_FOUND"],
  [new LxdError(403, "not authorized"), "HYPERVISOR_UNREACHABLE"],
  [new LxdError(412, "ETag doesn't match"), "INSTANCE_BUSY"],
  [new LxdError(400, "More than one disk device uses the same path"), "DEVICE_BUSY"],
  [new LxdError(500, 'Missing source path "/x"'), "HYPERVISOR_FAILED"],
  [new Unreachable("/run/x: ENOENT"), "HYPERVISOR_UNREACHABLE"],
  [new SyntaxError("Unexpected token"), "HYPERVISOR_FAILED"],
])("%s is refused as %s", (error, reason) => {
  expect(refusalFrom(error, use)).toMatchObject({
    reason,
    message: expect.stringContaining(error.message),
    metadata: { hypervisor: "lxd", instance_id: "c1" },
    cause: error,
  });
});

test("a caller who gave up is told that; a fault of ours stays what it is", () => {
  expect(refusalFrom(new Error("x"), { ...use, signal: AbortSignal.abort() })).toMatchObject({ reason: "CANCELLED" });
  const fault = new TypeError("a bug");
  expect(refusalFrom(fault, use)).toBe(fault);
});
