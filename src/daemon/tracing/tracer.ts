import type { Ids } from "#bus/ports.js";
import type { TraceContext } from "#bus/wire/trace-context.js";
import { currentTrace } from "./current-trace.js";
import type { Span } from "./span.js";

/** Work as a trace names it. */
export interface Work {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The trace that the caller is part of. */
  readonly parent: TraceContext | undefined;
  /** What a failure is called. */
  readonly reasonOf: (error: unknown) => string;
}

/** What is asked of somebody else in the course of work. */
export type Request = Pick<Work, "name" | "attributes">;

/** Ends a span; what went wrong is called `error`. */
export type EndSpan = (how: { readonly attributes?: Work["attributes"]; readonly error?: string }) => void;

export interface TracerSetup {
  readonly ids: Ids;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether a trace that begins here is recorded. One that a caller began is recorded if the caller does. */
  readonly sample: () => boolean;
  /** Takes a span that is over. Neither waits nor fails. */
  readonly ended: (span: Span) => void;
}

const SPAN_DIGITS = 16;

/** Follows work from the request that it came by to the requests that it makes, whatever lies between them. */
export class Tracer {
  constructor(private readonly setup: TracerSetup) {}

  /** The trace of the work that is carried out here, for the requests that it makes. */
  get current(): TraceContext | undefined {
    return currentTrace.getStore();
  }

  /** Carries work out, and records it where its trace is recorded. */
  async trace<T>({ parent, ...work }: Work, run: () => Promise<T>): Promise<T> {
    return await this.#record("server", parent, work, run);
  }

  /** Makes a request in the course of the work that is carried out here, and records it where that is. */
  async ask<T>(request: Omit<Work, "parent">, run: () => Promise<T>): Promise<T> {
    const { current } = this;
    return current === undefined ? await run() : await this.#record("client", current, request, run);
  }

  /** Begins a request as `ask` does, for whoever hears of its end elsewhere; `undefined` where it is not recorded. */
  begin(request: Request): EndSpan | undefined {
    const { current } = this;
    return current?.sampled === true ? this.#begin("client", this.#below(current), current, request) : undefined;
  }

  async #record<T>(
    kind: Span["kind"],
    parent: TraceContext | undefined,
    { reasonOf, ...request }: Omit<Work, "parent">,
    run: () => Promise<T>,
  ): Promise<T> {
    const here = this.#below(parent);
    if (!here.sampled) return await currentTrace.run(here, run);
    const end = this.#begin(kind, here, parent, request);
    try {
      const result = await currentTrace.run(here, run);
      end({});
      return result;
    } catch (error) {
      end({ error: reasonOf(error) });
      throw error;
    }
  }

  #below(parent: TraceContext | undefined): TraceContext {
    const { ids, sample } = this.setup;
    return {
      traceId: parent?.traceId ?? ids.hex(),
      parentId: ids.hex().slice(0, SPAN_DIGITS),
      sampled: parent?.sampled ?? sample(),
      state: parent?.state,
    };
  }

  #begin(kind: Span["kind"], here: TraceContext, parent: TraceContext | undefined, request: Request): EndSpan {
    const { now, ended } = this.setup;
    const startedAt = now();
    return ({ attributes = {}, error }) =>
      ended({
        traceId: here.traceId,
        spanId: here.parentId,
        parentId: parent?.parentId,
        ...{ name: request.name, kind, startedAt, endedAt: now(), error },
        attributes: { ...request.attributes, ...attributes },
      });
  }
}
