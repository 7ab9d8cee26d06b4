import type { Json, JsonObject } from "../json.js";
import type { TraceContext } from "../wire/trace-context.js";

/** A request on its way through a method. */
export interface IncomingRequest {
  readonly method: string;
  /** Unset when the caller named none. */
  readonly namespace?: string | undefined;
  /** `1.0` when the caller named none. */
  readonly version: string;
  /** The caller's context, prefix removed, unknown keys kept. */
  readonly context: JsonObject;
  /** Set for a call; a cast has none and gets no reply. */
  readonly messageId?: string | undefined;
  /** The latest moment at which the caller may still wait; unset when the message does not tell. */
  readonly deadline?: Date | undefined;
  /** The W3C trace that the caller is part of; Python callers send none. */
  readonly trace?: TraceContext | undefined;
  /** Aborts at the deadline, or when the server's own patience ends. */
  readonly signal: AbortSignal;
}

/**
 * The body of a remote method: keyword arguments in, a JSON value out.
 * It may throw `RpcFailure` to choose what the caller rebuilds; any other error reaches the caller as `RuntimeError`.
 */
export type RpcMethodBody = (args: JsonObject, request: IncomingRequest) => Promise<Json>;

/** A method that may safely run twice is acknowledged only after its reply is out, so that a crash loses no request. */
export interface IdempotentMethod {
  readonly run: RpcMethodBody;
  readonly idempotent: true;
}

export type RpcMethod = RpcMethodBody | IdempotentMethod;

/** Methods under one namespace and version, as an oslo.messaging server groups them. */
export interface Endpoint {
  /** Unset: requests that name none. */
  readonly namespace?: string;
  /** `major.minor`; it serves every request of the same major and no higher minor. */
  readonly version: string;
  readonly methods: ReadonlyMap<string, RpcMethod>;
}
