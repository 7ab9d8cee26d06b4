import { errorFor } from "#api/error-for.js";
import { Refusal } from "#drive/refusal.js";
import { BadRequest, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { grpcStatus, STATUS_DETAILS } from "./status.js";

function detailsOf(thrown: unknown) {
  const [bytes] = grpcStatus(errorFor(thrown)).metadata.get(STATUS_DETAILS);
  if (!(bytes instanceof Uint8Array)) throw new Error("the status has details");
  return Status.decode(bytes);
}

test("a status repeats code and message, and packs each detail once, whole", () => {
  const refusal = new Refusal("INVALID_ARGUMENT", "label: is long", {
    violations: [{ field: "label", rule: "is long" }],
    metadata: { field: "label" },
  });
  const { code, message, details } = detailsOf(refusal);
  expect([code, message]).toEqual([3, "label: is long"]);
  expect(details.map(({ typeUrl }) => typeUrl)).toEqual([
    "type.googleapis.com/google.rpc.ErrorInfo",
    "type.googleapis.com/google.rpc.BadRequest",
  ]);
  expect(ErrorInfo.decode(details[0]!.value)).toEqual({
    reason: "INVALID_ARGUMENT",
    domain: "configdrive.openstack.org",
    metadata: { field: "label" },
  });
  expect(BadRequest.decode(details[1]!.value).fieldViolations).toEqual([
    { field: "label", description: "is long", reason: "", localizedMessage: undefined },
  ]);
});

test("a retry is told in seconds and nanoseconds", () => {
  const { details } = detailsOf(new Refusal("DEVICE_BUSY", "busy"));
  expect(RetryInfo.decode(details[1]!.value)).toEqual({ retryDelay: { seconds: 2n, nanos: 0 } });
  const soon = detailsOf(new Refusal("DRIVE_BUSY", "busy")).details[1]!;
  expect(RetryInfo.decode(soon.value)).toEqual({ retryDelay: { seconds: 0n, nanos: 500_000_000 } });
});
