import type { JsonObject } from "../json.js";
import type { Clock, Timer } from "../ports.js";
import type { IncomingRequest as WireRequest } from "../wire/request.js";
import { readTraceContext, type TraceContext } from "../wire/trace-context.js";
import type { IncomingRequest } from "./endpoint.js";
import type { Wanted } from "./read-request.js";

/** Timers reach no further than this; a later deadline ends nothing in time. */
const LONGEST_MS = 2 ** 31 - 1;

/** The request as its method sees it. The signal is made when it is first asked for: most methods never do. */
export class RunningRequest implements IncomingRequest {
  readonly method: string;
  readonly version: string;
  readonly namespace: string | undefined;
  #controller: AbortController | undefined;
  #abortedBecause: Error | undefined;
  #timer: Timer | undefined;

  /**
   * @param deadlineMs milliseconds since the epoch
   * @param headers of the message, as the broker handed them over
   */
  constructor(
    wanted: Wanted,
    private readonly request: Pick<WireRequest, "context" | "msgId">,
    private readonly deadlineMs: number | undefined,
    private readonly clock: Clock,
    private readonly headers?: Readonly<Record<string, unknown>>,
  ) {
    this.method = wanted.method;
    this.version = wanted.version;
    this.namespace = wanted.namespace;
  }

  get context(): JsonObject {
    return this.request.context;
  }

  get messageId(): string | undefined {
    const { msgId } = this.request;
    return typeof msgId === "string" ? msgId : undefined;
  }

  get deadline(): Date | undefined {
    return this.deadlineMs === undefined ? undefined : new Date(this.deadlineMs);
  }

  get trace(): TraceContext | undefined {
    return readTraceContext(this.headers);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedBecause !== undefined) this.#controller.abort(this.#abortedBecause);
      else this.#armDeadline();
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#abortedBecause ??= reason;
    this.#controller?.abort(reason);
  }

  /** The method is over: no timer stays behind. */
  end(): void {
    this.#timer?.stop();
  }

  #armDeadline(): void {
    if (this.deadlineMs === undefined) return;
    const left = this.deadlineMs - this.clock.now();
    if (left > LONGEST_MS) return;
    const expire = (): void => this.abort(new DOMException("the caller's deadline has passed", "TimeoutError"));
    if (left <= 0) expire();
    else this.#timer = this.clock.after(left, expire);
  }
}
