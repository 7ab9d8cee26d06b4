import type { Json, JsonObject } from "../json.js";
import { isTruthy } from "./python-truth.js";

/** What a reply says: a result, a failure (the JSON text made by `encodeFailure`), or that the method still runs. */
export type ReplyOutcome =
  | { readonly kind: "result"; readonly result: Json }
  | { readonly kind: "failure"; readonly failure: string }
  | { readonly kind: "heartbeat" };

/**
 * The inner message of a reply or heartbeat. All five keys always stand in it: a caller without `failure` dies of a
 * KeyError, and `failure` is JSON text or null, never an object (wire §6).
 * @param msgId the request's `_msg_id`, unchanged
 * @param uniqueId new for every message sent, also for a reply that is sent again
 */
export function encodeReply(outcome: ReplyOutcome, msgId: Json, uniqueId: string): JsonObject {
  return {
    result: outcome.kind === "result" ? outcome.result : null,
    failure: outcome.kind === "failure" ? outcome.failure : null,
    ending: outcome.kind !== "heartbeat",
    _msg_id: msgId,
    _unique_id: uniqueId,
  };
}

/** A reply as read by a caller. */
export interface IncomingReply {
  /** Undefined where it is absent or not a string: such a reply belongs to no call. */
  readonly msgId: string | undefined;
  /** `ending`, by Python's truth. A partial result is remembered: the last one stands if the final reply has none (wire §6). */
  readonly ending: boolean;
  readonly result: Json;
  /** The failure's JSON text; undefined for success. A failure wins over a result. */
  readonly failure: Json | undefined;
}

/** Reads the inner message of a reply, tolerating every deviation that a Python caller tolerates (wire §6). */
export function decodeReply(inner: Readonly<JsonObject>): IncomingReply {
  return {
    msgId: typeof inner._msg_id === "string" ? inner._msg_id : undefined,
    ending: isTruthy(inner.ending),
    result: inner.result ?? null,
    failure: isTruthy(inner.failure) ? inner.failure : undefined,
  };
}
