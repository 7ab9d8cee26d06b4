import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "#bus/wire/trace-context.js";

/** The trace of the work that is carried out here; of this process, as the work is. */
export const currentTrace = new AsyncLocalStorage<TraceContext>();

/** What a line of the log says of the trace that it belongs to, by the names of OpenTelemetry ("Trace Context in non-OTLP Log Formats"). */
export function traceOfLine(): { readonly trace_id?: string; readonly span_id?: string } {
  const trace = currentTrace.getStore();
  return trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.parentId };
}
