import { AsyncLocalStorage } from "node:async_hooks";
import type { Ids } from "#bus/ports.js";
import type { TraceContext } from "#bus/wire/trace-context.js";
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
  readonly #current = new AsyncLocalStorage<TraceContext>();

  constructor(private readonly setup: TracerSetup) {}

  /** The trace of the work that is carried out here, for the requests that it makes. */
  get current(): TraceContext | undefined {
    return this.#current.getStore();
  }

  /** Carries work out, and records it where its trace is recorded. */
  async trace<T>({ name, attributes, parent, reasonOf }: Work, run: () => Promise<T>): Promise<T> {
    const { ids, now, sample, ended } = this.setup;
    const here: TraceContext = {
      traceId: parent?.traceId ?? ids.hex(),
      parentId: ids.hex().slice(0, SPAN_DIGITS),
      sampled: parent?.sampled ?? sample(),
      state: parent?.state,
    };
    if (!here.sampled) return await this.#current.run(here, run);
    const startedAt = now();
    const end = (error?: string) =>
      ended({
        traceId: here.traceId,
        spanId: here.parentId,
        parentId: parent?.parentId,
        ...{ name, startedAt, endedAt: now(), attributes, error },
      });
    try {
      const result = await this.#current.run(here, run);
      end();
      return result;
    } catch (error) {
      end(reasonOf(error));
      throw error;
    }
  }
}
