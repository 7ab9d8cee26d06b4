import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFrom } from "./refusals.js";
import { NotInCatalog, OpenstackError } from "./session.js";

const use = { instanceId: "s1", signal: new AbortController().signal };

test.each([
  [new OpenstackError("compute", 404, "Instance s1 could not be found."), "INSTANCE_NOT_FOUND"],
  [new OpenstackError("volume", 404, "Volume could not be found."), "HYPERVISOR_FAILED"],
  [
    new OpenstackError("compute", 409, "Cannot 'attach_volume' while it is in vm_state suspended"),
    "INSTANCE_NOT_RUNNING",
  ],
  [new OpenstackError("compute", 409, "Cannot 'attach_volume' while it is in task_state rebooting"), "INSTANCE_BUSY"],
  [new OpenstackError("volume", 412, "Precondition failed"), "INSTANCE_BUSY"],
  [new OpenstackError("compute", 400, "Invalid volume: volume status must be available"), "DEVICE_BUSY"],
  [new OpenstackError("compute", 403, "The maximum allowed number of disk devices (1) exceeded"), "QUOTA_EXCEEDED"],
  [new OpenstackError("compute", 403, "Policy doesn't allow it"), "HYPERVISOR_UNREACHABLE"],
  [
    new OpenstackError("volume", 413, "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded"),
    "QUOTA_EXCEEDED",
  ],
  [new OpenstackError("image", 401, "Unauthorized"), "HYPERVISOR_UNREACHABLE"],
  [new OpenstackError("image", 429, "Too many requests"), "HYPERVISOR_UNREACHABLE"],
  [new OpenstackError("volume", 503, "Service unavailable"), "HYPERVISOR_UNREACHABLE"],
  [new Unreachable("http://x: ECONNREFUSED"), "HYPERVISOR_UNREACHABLE"],
  [new NotInCatalog("no public endpoint of type compute"), "HYPERVISOR_UNREACHABLE"],
  [new Refusal("KEYSTONE_UNREACHABLE", "it answered 401"), "HYPERVISOR_UNREACHABLE"],
  [new SyntaxError("Unexpected token"), "HYPERVISOR_FAILED"],
])("%s is refused as %s", (error, reason) => {
  expect(refusalFrom(error, use)).toMatchObject({
    reason,
    message: expect.stringContaining(error.message),
    metadata: { hypervisor: "openstack", instance_id: "s1" },
    cause: error,
  });
});

test.each([
  [new OpenstackError("volume", 413, "VolumeLimitExceeded"), /would work: a drive less/],
  [new OpenstackError("image", 400, "Invalid disk format 'iso' for image."), /would work: a drive of another format/],
  [
    new OpenstackError("image", 415, "Image content did not match disk_format"),
    /would work: a drive of another format/,
  ],
])("%s is refused with what would work", (error, remedy) => {
  expect(refusalFrom(error, use)).toMatchObject({ message: expect.stringMatching(remedy) });
});

test.each([
  [new OpenstackError("volume", 429, "Too many requests", 7000), 7000],
  [new OpenstackError("compute", 409, "task_state rebooting", 2000), 2000],
  [new OpenstackError("volume", 503, "busy"), undefined],
  [new OpenstackError("volume", 413, "VolumeLimitExceeded", 9000), undefined],
])("%s: a caller is told to wait as long as the service says, where that helps", (error, retryAfterMs) => {
  expect(refusalFrom(error, use)).toMatchObject({ retryAfterMs });
});

test("a caller who gave up is told that; refusals and faults of ours stay what they are", () => {
  expect(refusalFrom(new Error("x"), { ...use, signal: AbortSignal.abort() })).toMatchObject({ reason: "CANCELLED" });
  for (const other of [new TypeError("a bug"), new Refusal("DEVICE_BUSY", "x")])
    expect(refusalFrom(other, use)).toBe(other);
});
