import { Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { type Answer, errorFor } from "#api/error-for.js";
import { ERROR_DOMAIN, STATUS } from "#api/errors.js";
import type { Any } from "#gen/google/protobuf/any.js";
import { BadRequest, BadRequest_FieldViolation, ErrorInfo, RetryInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";

/** Where gRPC carries a serialized `google.rpc.Status`. */
export const STATUS_DETAILS = "grpc-status-details-bin";

/** `grpc-message` travels as a header, nine bytes a character at worst, and peers take 8 KiB of headers in all. */
const MESSAGE_CHARACTERS = 384;

/** The gRPC status for an answer of the error table: one ErrorInfo, and what else its reason calls for (AIP-193). */
export function grpcStatus(answer: Answer): StatusObject {
  const code = STATUS[answer.row.status];
  // Half a surrogate pair has no UTF-8 form: grpc-js would throw where it writes the header.
  const message = answer.message.slice(0, MESSAGE_CHARACTERS).toWellFormed();
  const metadata = new Metadata();
  const status = Status.encode({ code, message, details: detailsOf(answer) }).finish();
  metadata.set(STATUS_DETAILS, Buffer.from(status));
  return { code, details: message, metadata };
}

/** What a handler's callback takes. */
export function serviceError(thrown: unknown): ServiceError {
  const status = grpcStatus(errorFor(thrown));
  return Object.assign(new Error(status.details), status);
}

function detailsOf({ reason, metadata, violations, retryAfterMs }: Answer): Any[] {
  const details = [
    pack(ErrorInfo, "google.rpc.ErrorInfo", { reason, domain: ERROR_DOMAIN, metadata: { ...metadata } }),
  ];
  if (violations.length > 0) {
    const fieldViolations = violations.map(({ field, rule }) =>
      BadRequest_FieldViolation.fromPartial({ field, description: rule }),
    );
    details.push(pack(BadRequest, "google.rpc.BadRequest", { fieldViolations }));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: (retryAfterMs % 1000) * 1e6 };
    details.push(pack(RetryInfo, "google.rpc.RetryInfo", { retryDelay }));
  }
  return details;
}

function pack<T>(
  type: { readonly encode: (message: T) => { finish(): Uint8Array } },
  name: string,
  message: NoInfer<T>,
): Any {
  return { typeUrl: `type.googleapis.com/${name}`, value: Buffer.from(type.encode(message).finish()) };
}
