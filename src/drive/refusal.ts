/**
 * Why something was not done. The error table (`src/api/errors.ts`) says for each reason what a caller of either door gets;
 * inner rooms throw reasons only.
 */
export type Reason =
  | "INVALID_ARGUMENT"
  | "ARGUMENTS_MISMATCH"
  | "METHOD_UNKNOWN"
  | "UNAUTHENTICATED"
  | "KEYSTONE_UNREACHABLE"
  | "FORBIDDEN"
  | "CONTENT_TOO_LARGE"
  | "CONTENT_NOT_REPRESENTABLE"
  | "VOLUME_TOO_SMALL"
  | "CONTENT_NOT_FOUND"
  | "DRIVE_NOT_FOUND"
  | "DRIVE_BUSY"
  | "ETAG_MISMATCH"
  | "DRIVE_ATTACHED"
  | "DRIVE_NOT_READY"
  | "ATTACHED_ELSEWHERE"
  | "NOT_ATTACHED"
  | "REQUEST_ID_REUSED"
  | "RESUME_TOKEN_EXPIRED"
  | "INSTANCE_NOT_FOUND"
  | "INSTANCE_NOT_RUNNING"
  | "INSTANCE_AMBIGUOUS"
  | "INSTANCE_BUSY"
  | "QUOTA_EXCEEDED"
  | "RATE_LIMITED"
  | "LAUNCH_NOT_AVAILABLE"
  | "RENDER_NOT_AVAILABLE"
  | "HOST_UNKNOWN"
  | "HOST_AMBIGUOUS"
  | "HOST_PRESENT"
  | "HOST_UNREACHABLE"
  | "BUS_NOT_AVAILABLE"
  | "DEVICE_BUSY"
  | "DEVICE_LOCKED"
  | "HYPERVISOR_UNREACHABLE"
  | "HYPERVISOR_FAILED"
  | "CATALOG_LOCKED"
  | "CATALOG_FAILED"
  | "SOURCE_NOT_ALLOWED"
  | "SOURCE_NOT_FOUND"
  | "SOURCE_MISMATCH"
  | "SOURCE_UNREACHABLE"
  | "STORAGE_FULL"
  | "STORAGE_FAILED"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "SHUTTING_DOWN"
  | "INTERNAL";

/** A field of the request that broke a rule: `field` is its path in the contract's own names, such as `files.files[3].path`. */
export interface FieldViolation {
  readonly field: string;
  readonly rule: string;
}

/** What may be told with a refusal. */
export interface RefusalDetails {
  readonly metadata?: Record<string, string>;
  readonly violations?: FieldViolation[];
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Thrown by inner rooms and by ports; carries a reason, never a status. `metadata` holds no secret. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  /** The same request may succeed after so many milliseconds, where that is known better than the error table does. */
  readonly retryAfterMs: number | undefined;
  constructor(
    readonly reason: Reason,
    message: string,
    details: RefusalDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A step's failure as the refusal that ends its operation: INTERNAL for what has no reason of its own. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal("INTERNAL", "the operation failed in a way that has no reason of its own", { cause: error });
}
