import type { Json, JsonObject } from "../json.js";
import type { Clock, Timer } from "../ports.js";
import type { IncomingRequest } from "./endpoint.js";

/** Timers reach no further than this; a later deadline ends nothing in time. */
const LONGEST_MS = 2 ** 31 - 1;

/** The request as its method sees it. The signal is made when it is first asked for: most methods never do. */
export class RunningRequest implements IncomingRequest {
  readonly deadline?: Date;
  readonly messageId?: string;
  readonly namespace?: string;
  #controller: AbortController | undefined;
  #abortedBecause: Error | undefined;
  #timer: Timer | undefined;

  constructor(
    readonly method: string,
    readonly version: string,
    readonly context: JsonObject,
    details: { namespace: string | undefined; messageId: Json | undefined; deadline: number | undefined },
    private readonly clock: Clock,
  ) {
    if (details.namespace !== undefined) this.namespace = details.namespace;
    if (typeof details.messageId === "string") this.messageId = details.messageId;
    if (details.deadline !== undefined) this.deadline = new Date(details.deadline);
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
    if (this.deadline === undefined) return;
    const left = this.deadline.getTime() - this.clock.now();
    if (left > LONGEST_MS) return;
    const expire = (): void => this.abort(new DOMException("the caller's deadline has passed", "TimeoutError"));
    if (left <= 0) expire();
    else this.#timer = this.clock.after(left, expire);
  }
}
