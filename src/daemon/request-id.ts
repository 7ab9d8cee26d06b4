import { randomUUID } from "node:crypto";

/** A new request id, in the form that OpenStack's services make and take over (oslo.middleware, request_id.py). */
export function newRequestId(): string {
  return `req-${randomUUID()}`;
}
