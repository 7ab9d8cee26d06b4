import { type ServiceError, status } from "@grpc/grpc-js";
import { type Reason, Refusal } from "#drive/refusal.js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { AnswerError } from "./messages.js";

/** The domain of the reasons that an adapter gives in `google.rpc.ErrorInfo`: the service's own (docs/errors.md). */
const DOMAIN = "configdrive.openstack.org";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
/** Where gRPC carries a serialized `google.rpc.Status`. */
const STATUS_DETAILS = "grpc-status-details-bin";

/** What an adapter may say: the reasons of the Hypervisor port. */
const REASONS: readonly Reason[] = [
  "INSTANCE_NOT_FOUND",
  "INSTANCE_AMBIGUOUS",
  "INSTANCE_NOT_RUNNING",
  "INSTANCE_BUSY",
  "BUS_NOT_AVAILABLE",
  "DEVICE_BUSY",
  "DEVICE_LOCKED",
  "HYPERVISOR_UNREACHABLE",
  "HYPERVISOR_FAILED",
];

/** What a status means that comes without a reason. Everything else is HYPERVISOR_FAILED. */
const BY_STATUS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [status.NOT_FOUND, "INSTANCE_NOT_FOUND"],
  [status.FAILED_PRECONDITION, "INSTANCE_NOT_RUNNING"],
  [status.OUT_OF_RANGE, "BUS_NOT_AVAILABLE"],
  [status.ABORTED, "DEVICE_BUSY"],
  [status.ALREADY_EXISTS, "DEVICE_BUSY"],
  [status.UNAVAILABLE, "HYPERVISOR_UNREACHABLE"],
  [status.DEADLINE_EXCEEDED, "HYPERVISOR_UNREACHABLE"],
  // By an adapter that ends: we tell our own callers' cancelling apart before.
  [status.CANCELLED, "HYPERVISOR_UNREACHABLE"],
  [status.UNAUTHENTICATED, "HYPERVISOR_UNREACHABLE"],
  [status.PERMISSION_DENIED, "HYPERVISOR_UNREACHABLE"],
]);

/** Turns what came back from an adapter's process, or did not, into a reason; anything else comes back as it was. */
export function refusalFrom(error: unknown, method: string, instanceId: string): unknown {
  const metadata = { hypervisor: "grpc", instance_id: instanceId, method };
  if (error instanceof AnswerError) {
    const message = `the adapter's answer to ${method} for instance ${instanceId} cannot be used: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  if (!isServiceError(error)) return error;
  const { reason = BY_STATUS.get(error.code) ?? "HYPERVISOR_FAILED", told = {} } = reasonOf(error);
  const message = `the adapter's ${method} for instance ${instanceId}: ${error.details || status[error.code]}`;
  return new Refusal(reason, message, { metadata: { ...told, ...metadata }, cause: error });
}

/** The reason and metadata that the adapter gave; nothing where it gave none, or one that no adapter may give. */
function reasonOf(error: ServiceError): { reason?: Reason; told?: Record<string, string> } {
  const [bytes] = error.metadata.get(STATUS_DETAILS);
  if (!(bytes instanceof Uint8Array)) return {};
  try {
    for (const { typeUrl, value } of Status.decode(bytes).details) {
      if (typeUrl !== ERROR_INFO) continue;
      const { domain, reason: given, metadata } = ErrorInfo.decode(value);
      const reason = domain === DOMAIN ? REASONS.find((known) => known === given) : undefined;
      if (reason !== undefined) return { reason, told: metadata };
    }
  } catch {
    // Details that cannot be read say nothing; the status does.
  }
  return {};
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
