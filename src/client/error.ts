import { status } from "@grpc/grpc-js";
import { ERRORS } from "#api/errors.js";
import type { RemoteError } from "#grpc/remote-error.js";

/** Why a call failed: a reason of docs/errors.md, or `UNREACHABLE` where no service answered. A newer service may have others. */
export type ErrorReason = keyof typeof ERRORS | "UNREACHABLE" | "DATA_LOSS" | (string & {});

/** What every failed call throws. */
export class ConfigDriveError extends Error {
  override readonly name = "ConfigDriveError";
  readonly reason: ErrorReason;
  /** The gRPC status, such as `NOT_FOUND`. */
  readonly status: string;
  /** What the error is about, such as `drive_id`: docs/errors.md says which reason carries what. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Each field that broke a rule, by its path in the contract's own names. */
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  /** The same request, under the same request id, may succeed after so many milliseconds; unset: it will not. */
  readonly retryAfterMs: number | undefined;
  /** What to do about it. */
  readonly advice: string;
  /** The `request_id` that the call went under: made again under it, it rejoins what was begun. Empty for a call that changes nothing. */
  readonly requestId: string;
  /** The `x-openstack-request-id` that the service's log has for it. */
  readonly openstackRequestId: string;

  constructor(message: string, { reason, advice, ...about }: ErrorDetails, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.status = about.status;
    this.metadata = about.metadata ?? {};
    this.violations = about.violations ?? [];
    this.retryAfterMs = about.retryAfterMs;
    this.requestId = about.requestId;
    this.openstackRequestId = about.openstackRequestId;
    this.advice = advice ?? Object.entries(ERRORS).find(([known]) => known === reason)?.[1].advice ?? "";
  }
}

/** The ids that a call goes under, which stay the same each time it is tried. */
export interface CallIds {
  readonly requestId: string;
  readonly openstackRequestId: string;
}

interface ErrorDetails extends CallIds {
  readonly reason: ErrorReason;
  readonly status: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: ConfigDriveError["violations"];
  readonly retryAfterMs?: number | undefined;
  readonly advice?: string;
}

/** How long to wait for a service that does not answer before it is tried again. */
const UNREACHABLE_RETRY_MS = 250;

/** What the service refused, or what gRPC said in its place. */
export function fromRemote(error: RemoteError, ids: CallIds): ConfigDriveError {
  const name = status[error.code] ?? String(error.code);
  const { metadata, violations } = error;
  if (error.reason !== "") {
    const { reason, retryAfterMs } = error;
    return new ConfigDriveError(
      error.message,
      { reason, status: name, metadata, violations, retryAfterMs, ...ids },
      error,
    );
  }
  if (error.code !== status.UNAVAILABLE) {
    return new ConfigDriveError(error.message, { reason: name, status: name, ...ids }, error);
  }
  const advice = "See that the service runs there, and that its address, socket rights or certificates are right.";
  const retryAfterMs = UNREACHABLE_RETRY_MS;
  return new ConfigDriveError(
    error.message,
    { reason: "UNREACHABLE", status: name, retryAfterMs, advice, ...ids },
    error,
  );
}
