import type { Json, JsonObject } from "../json.js";
import { contextOf, flattenContext } from "./context-keys.js";

/** A request to write. `namespace` and `version` are left out of the message when undefined: JSON null is not the same to a Python server (wire §5.1). */
export interface OutgoingRequest {
  readonly method: string;
  readonly args: JsonObject;
  readonly namespace?: string | undefined;
  readonly version?: string | undefined;
  readonly context: Readonly<JsonObject>;
  /** 32 hex digits, new for each request and the same when one request is published again (wire §9). */
  readonly uniqueId: string;
  /** Present in calls only. */
  readonly call?: CallKeys | undefined;
}

/** What makes a request a call: where and under which id the reply is awaited. */
export interface CallKeys {
  readonly msgId: string;
  readonly replyQueue: string;
  /** `call_monitor_timeout` in seconds, or null: silence for so long ends the call. It is not the call's own timeout, which travels as the AMQP expiration (wire §5.1, §8). */
  readonly monitorTimeout: number | null;
}

/** The inner message of a request (wire §5.1). */
export function encodeRequest(request: OutgoingRequest): JsonObject {
  const inner: JsonObject = { method: request.method, args: request.args };
  if (request.namespace !== undefined) inner.namespace = request.namespace;
  if (request.version !== undefined) inner.version = request.version;
  if (request.call !== undefined) {
    inner._msg_id = request.call.msgId;
    inner._reply_q = request.call.replyQueue;
    inner._timeout = request.call.monitorTimeout;
  }
  inner._unique_id = request.uniqueId;
  flattenContext(request.context, inner);
  return inner;
}

/**
 * A request as read. Peers are not trusted to send the right types, and Python answers such requests with a failure
 * rather than dropping them: so every field is the JSON value that stood there, and undefined where the key was absent.
 * The dispatcher judges them.
 */
export interface IncomingRequest {
  readonly method: Json | undefined;
  readonly args: Json | undefined;
  readonly namespace: Json | undefined;
  readonly version: Json | undefined;
  readonly context: JsonObject;
  readonly uniqueId: Json | undefined;
  /** Truthy (as Python sees it) in calls: the reply carries it back unchanged. */
  readonly msgId: Json | undefined;
  readonly replyQueue: Json | undefined;
  readonly monitorTimeout: Json | undefined;
}

/** Reads the inner message of a request. Unknown keys are ignored. */
export function decodeRequest(inner: Readonly<JsonObject>): IncomingRequest {
  return new InnerRequest(inner);
}

class InnerRequest implements IncomingRequest {
  readonly method: Json | undefined;
  readonly args: Json | undefined;
  readonly namespace: Json | undefined;
  readonly version: Json | undefined;
  readonly uniqueId: Json | undefined;
  readonly msgId: Json | undefined;
  readonly replyQueue: Json | undefined;
  readonly monitorTimeout: Json | undefined;
  readonly #inner: Readonly<JsonObject>;
  #context: JsonObject | undefined;

  constructor(inner: Readonly<JsonObject>) {
    this.#inner = inner;
    this.method = inner.method;
    this.args = inner.args;
    this.namespace = inner.namespace;
    this.version = inner.version;
    this.uniqueId = inner._unique_id;
    this.msgId = inner._msg_id;
    this.replyQueue = inner._reply_q;
    this.monitorTimeout = inner._timeout;
  }

  /** Made when it is first asked for: not every method does. */
  get context(): JsonObject {
    this.#context ??= contextOf(this.#inner);
    return this.#context;
  }
}
