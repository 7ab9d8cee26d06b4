import type { Logger } from "#bus/ports.js";
import type { Span } from "./span.js";

/** Most spans that wait, and most that go out at once. */
const MOST_WAITING = 2048;
const MOST_AT_ONCE = 512;

export interface SpanExporterSetup {
  /** Hands spans to the collector. @throws where it did not take them */
  readonly send: (spans: readonly Span[], signal: AbortSignal) => Promise<void>;
  /** Told what became of spans. */
  readonly over: (result: "exported" | "dropped", count: number) => void;
  readonly logger: Logger;
}

/** Spans on their way to the collector, in bundles. Whoever hands one over waits for nothing; what comes when too many wait is dropped. */
export class SpanExporter {
  readonly #waiting: Span[] = [];
  /** The collector does not take spans at the moment; said once. */
  #failing = false;

  constructor(private readonly setup: SpanExporterSetup) {}

  take(span: Span): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(span);
    else this.setup.over("dropped", 1);
  }

  /** Sends what waits. What the collector does not take waits for the next time. */
  async flush(signal: AbortSignal): Promise<void> {
    const { send, over, logger } = this.setup;
    while (this.#waiting.length > 0) {
      const bundle = this.#waiting.slice(0, MOST_AT_ONCE);
      try {
        await send(bundle, signal);
      } catch (error) {
        if (!this.#failing) logger.warn({ event: "traces_wait", err: error }, "the collector does not take traces");
        this.#failing = true;
        return;
      }
      if (this.#failing) logger.info({ event: "traces" }, "the collector takes traces again");
      this.#failing = false;
      this.#waiting.splice(0, bundle.length);
      over("exported", bundle.length);
    }
  }

  /** Gives up what still waits. */
  drop(): void {
    const left = this.#waiting.splice(0).length;
    if (left > 0) this.setup.over("dropped", left);
  }
}
