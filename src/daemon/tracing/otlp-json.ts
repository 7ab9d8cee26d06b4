import type { Span } from "./span.js";

/** Whose spans they are: OpenTelemetry's resource attributes, such as `service.name`. */
export type Resource = Readonly<Record<string, string>>;

/** opentelemetry/proto/trace/v1/trace.proto, Span.SpanKind and Status.StatusCode. */
const KINDS = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
/** The W3C flag of a trace that is recorded, as the span's `flags` have it. */
const FLAG_SAMPLED = 1;

/** The body of an export request in OTLP's JSON form, where ids are hexadecimal and 64-bit numbers decimal text (OTLP 1, "JSON Protobuf Encoding"). */
export function otlpTraces(resource: Resource, version: string, spans: readonly Span[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: "configdrive-bridge", version }, spans: spans.map(otlpSpan) }],
      },
    ],
  };
}

function otlpSpan({ traceId, spanId, parentId, name, kind, startedAt, endedAt, attributes, error }: Span) {
  return {
    traceId,
    spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    flags: FLAG_SAMPLED,
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: attributesOf(error === undefined ? attributes : { ...attributes, "error.type": error }),
    ...(error === undefined ? {} : { status: { code: STATUS_ERROR, message: error } }),
  };
}

function attributesOf(attributes: Readonly<Record<string, string>>) {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** Whole microseconds: more the clock does not have. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}
