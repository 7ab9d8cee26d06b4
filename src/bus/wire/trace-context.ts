/**
 * W3C trace context. It travels in AMQP headers, which Python peers leave alone (wire §4), and never in the request's own context.
 */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero: the caller's span. */
  readonly parentId: string;
  /** Whether the caller records this trace. */
  readonly sampled: boolean;
  /** Vendors' own entries, passed on as they are. */
  readonly state: string | undefined;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The specification asks for at least this many characters of `tracestate` to be passed on. */
const longestState = 512;

/** Reads the headers of a delivery; undefined where there is no valid `traceparent` (Trace Context, "traceparent Header"). */
export function readTraceContext(headers: Readonly<Record<string, unknown>> | undefined): TraceContext | undefined {
  const parent = headers?.traceparent;
  const parts = typeof parent === "string" ? form.exec(parent) : null;
  if (parts === null) return undefined;
  const [, version, traceId = "", parentId = "", flags = "0", more] = parts;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  const state = headers?.tracestate;
  return {
    traceId,
    parentId,
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
    state: typeof state === "string" && state.length <= longestState ? state : undefined,
  };
}

/** The headers that carry a trace context. */
export function traceHeaders(trace: TraceContext): Record<string, string> {
  const traceparent = `00-${trace.traceId}-${trace.parentId}-${trace.sampled ? "01" : "00"}`;
  return trace.state === undefined ? { traceparent } : { traceparent, tracestate: trace.state };
}
