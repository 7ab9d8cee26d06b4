import type { ServiceError } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { STATUS_DETAILS } from "./status.js";

/** An error of the service, as its caller sees it. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  /** The gRPC status code. */
  readonly code: number;
  /** A reason of the error table; empty when the error did not come from the service itself. */
  readonly reason: string = "";
  readonly domain: string = "";
  readonly metadata: Readonly<Record<string, string>> = {};
  readonly violations: readonly { readonly field: string; readonly description: string }[] = [];
  /** The same request may succeed after this long; `undefined`: nothing is said. */
  readonly retryAfterMs: number | undefined;

  constructor(error: ServiceError) {
    super(error.details, { cause: error });
    this.code = error.code;
    const [status] = error.metadata.get(STATUS_DETAILS);
    if (!(status instanceof Uint8Array)) return;
    for (const { typeUrl, value } of Status.decode(status).details) {
      switch (typeUrl) {
        case "type.googleapis.com/google.rpc.ErrorInfo": {
          const { reason, domain, metadata } = ErrorInfo.decode(value);
          this.reason = reason;
          this.domain = domain;
          this.metadata = metadata;
          break;
        }
        case "type.googleapis.com/google.rpc.BadRequest":
          this.violations = BadRequest.decode(value).fieldViolations.map(({ field, description }) => ({
            field,
            description,
          }));
          break;
        case "type.googleapis.com/google.rpc.RetryInfo": {
          const delay = RetryInfo.decode(value).retryDelay;
          if (delay !== undefined) this.retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
        }
      }
    }
  }
}
