import { randomUUID } from "node:crypto";

/** The form of the request ids that OpenStack's services make and take over (oslo.middleware, request_id.py). */
const REQUEST_ID = /^req-[a-f0-9-]{36}$/;

/** A new request id. */
export function newRequestId(): string {
  return `req-${randomUUID()}`;
}

/** Whether a caller's request id can be taken over. */
export function isRequestId(value: unknown): value is string {
  return typeof value === "string" && REQUEST_ID.test(value);
}
