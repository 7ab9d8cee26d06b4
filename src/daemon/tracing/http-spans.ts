import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest, IncomingMessage } from "node:http";
import { isNativeError } from "node:util/types";
import type { EndSpan, Tracer } from "./tracer.js";

/** What Node tells of requests (node:diagnostics_channel, "HTTP"). */
const CREATED = "http.client.request.created";
const ANSWERED = "http.client.response.finish";
const FAILED = "http.client.request.error";

/**
 * Records each HTTP request that work in a trace makes, until its answer begins, whichever library makes it. Of where it goes a span has
 * the server alone: paths and queries hold names, ids and signatures.
 * @returns what ends it
 */
export function recordHttpRequests(tracer: Tracer): () => void {
  const open = new WeakMap<ClientRequest, EndSpan>();
  const over = (message: unknown, how: Parameters<EndSpan>[0]) => {
    const request = requestOf(message);
    if (request === undefined) return;
    open.get(request)?.(how);
    open.delete(request);
  };
  const heard = {
    [CREATED](message: unknown) {
      const request = requestOf(message);
      if (request === undefined) return;
      const { method, host } = request;
      const attributes = { "http.request.method": method, "server.address": host };
      const end = tracer.begin({ name: method, attributes });
      if (end !== undefined) open.set(request, end);
    },
    [ANSWERED](message: unknown) {
      const status = statusOf(message);
      over(message, {
        attributes: { "http.response.status_code": String(status) },
        ...(status >= 400 ? { error: String(status) } : {}),
      });
    },
    [FAILED](message: unknown) {
      over(message, { error: failureOf(message) });
    },
  };
  for (const [channel, listener] of Object.entries(heard)) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of Object.entries(heard)) unsubscribe(channel, listener);
  };
}

function requestOf(message: unknown): ClientRequest | undefined {
  if (typeof message !== "object" || message === null || !("request" in message)) return undefined;
  return message.request instanceof ClientRequest ? message.request : undefined;
}

function statusOf(message: unknown): number {
  if (typeof message !== "object" || message === null || !("response" in message)) return 0;
  return message.response instanceof IncomingMessage ? (message.response.statusCode ?? 0) : 0;
}

/** The code of what failed, such as `ECONNREFUSED`; never its text, which may hold what was asked for. */
function failureOf(message: unknown): string {
  if (typeof message !== "object" || message === null || !("error" in message)) return "Error";
  const { error } = message;
  if (!isNativeError(error)) return "Error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
