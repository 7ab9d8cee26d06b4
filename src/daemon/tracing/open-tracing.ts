import type { Logger } from "pino";
import { errorFor } from "#api/error-for.js";
import { systemClock, systemIds } from "#bus/system.js";
import { readTraceContext } from "#bus/wire/trace-context.js";
import type { TraceServed } from "#grpc/served-call.js";
import type { Instruments } from "../metrics/instruments.js";
import { repeat } from "../repeat.js";
import { recordHttpRequests } from "./http-spans.js";
import { otlpTraces, type Resource } from "./otlp-json.js";
import type { Span } from "./span.js";
import { SpanExporter } from "./span-exporter.js";
import { Tracer } from "./tracer.js";

const FLUSH_EVERY_MS = 1000;
const SEND_WITHIN_MS = 10_000;

/** Where spans go, and which. */
export interface TracingSettings {
  /** Of a collector that takes OTLP over HTTP. */
  readonly url: string;
  /** Of the traces that begin here, so many in a hundred are recorded. */
  readonly percent: number;
  readonly resource: Resource;
  readonly version: string;
}

/** What traces calls. */
export interface Tracing {
  readonly tracer: Tracer;
  /** For the gRPC door. */
  readonly traceServed: TraceServed;
  /** Sends what waits for as long as the signal lets it, and drops the rest. */
  close(signal: AbortSignal): Promise<void>;
}

/** Begins to trace. */
export function openTracing(settings: TracingSettings, { traceSpans }: Instruments, logger: Logger): Tracing {
  for (const result of ["exported", "dropped"]) traceSpans.inc({ result }, 0);
  const exporter = new SpanExporter({
    send: (spans, signal) => send(settings, spans, signal),
    over: (result, count) => traceSpans.inc({ result }, count),
    logger,
  });
  const tracer = new Tracer({
    ids: systemIds,
    now: systemClock.now,
    sample: () => Math.random() * 100 < settings.percent,
    ended: (span) => exporter.take(span),
  });
  const flushing = repeat(FLUSH_EVERY_MS, (signal) => exporter.flush(signal));
  const endHttp = recordHttpRequests(tracer);
  let closed: Promise<void> | undefined;
  const close = async (signal: AbortSignal) => {
    endHttp();
    await flushing.stop();
    await exporter.flush(signal);
    exporter.drop();
  };
  return {
    tracer,
    traceServed: (method, header, run) => {
      const headers = { traceparent: header("traceparent"), tracestate: header("tracestate") };
      const attributes = { "rpc.system.name": "grpc", "rpc.method": method };
      const reasonOf = (error: unknown) => errorFor(error).reason;
      return tracer.trace({ name: method, attributes, parent: readTraceContext(headers), reasonOf }, run);
    },
    close(signal) {
      closed ??= close(signal);
      return closed;
    },
  };
}

/** OTLP over HTTP (OTLP 1, "OTLP/HTTP Request"). @throws where the collector cannot be reached or does not answer 2xx */
async function send({ url, resource, version }: TracingSettings, spans: readonly Span[], signal: AbortSignal) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(otlpTraces(resource, version, spans)),
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_WITHIN_MS)]),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
}
