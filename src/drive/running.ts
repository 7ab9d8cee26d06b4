import type { Drive } from "./drive.js";
import type { RequestKey } from "./operation.js";
import { Refusal } from "./refusal.js";

/** What a mutating call gives: the drive as it is at the end, `undefined` when it is gone. */
export type Outcome = Drive | undefined;

interface Underway<Result> {
  readonly digest: string;
  readonly outcome: Promise<Result>;
}

/**
 * The requests and operations that this process carries out now. Each runs by itself: callers wait for it and may stop
 * waiting; the same request again waits for the same work.
 */
export class Running<Result = Outcome> {
  readonly #requests = new Map<string, Underway<Result>>();
  readonly #operations = new Map<string, Promise<unknown>>();
  readonly #stop = new AbortController();
  readonly #drain = new AbortController();

  /** Aborted when work has to be left where it is. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted when no new work is taken; what never ends by itself ends then. */
  get draining(): AbortSignal {
    return this.#drain.signal;
  }

  /**
   * Begins a request, or joins the one that runs under this id.
   * Refusals: SHUTTING_DOWN; REQUEST_ID_REUSED when another request runs under it; the work's own.
   */
  request({ projectId, requestId }: RequestKey, digest: string, work: () => Promise<Result>): Promise<Result> {
    const key = JSON.stringify([projectId, requestId]);
    const same = this.#requests.get(key);
    if (same !== undefined) {
      if (same.digest !== digest) throw requestIdReused(requestId);
      return same.outcome;
    }
    this.draining.throwIfAborted();
    const outcome = work().finally(() => this.#requests.delete(key));
    this.#requests.set(key, { digest, outcome });
    // Whoever still waits gets the refusal; when nobody does, the operation's report has told of it.
    outcome.catch(() => undefined);
    return outcome;
  }

  /** Carries out the operation with this id. It is known here from before it is opened, so that nobody else takes it for abandoned. */
  async operation<T>(operationId: string, work: () => Promise<T>): Promise<T> {
    return await this.operations([operationId], work);
  }

  /** Carries out the operations with these ids, as one piece of work. */
  async operations<T>(operationIds: readonly string[], work: () => Promise<T>): Promise<T> {
    const outcome = work();
    for (const id of operationIds) this.#operations.set(id, outcome);
    try {
      return await outcome;
    } finally {
      for (const id of operationIds) this.#operations.delete(id);
    }
  }

  /** The end of an operation that is carried out here; `undefined` for one that is not. */
  endOf(operationId: string): Promise<unknown> | undefined {
    return this.#operations.get(operationId);
  }

  /** Takes no new requests, and waits for those that run. When the signal comes first, they are left where they are; the next start goes on with them. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#drain.abort(new Refusal("SHUTTING_DOWN", "the service is shutting down and takes no new work"));
    const leave = () =>
      this.#stop.abort(new Refusal("SHUTTING_DOWN", "the service stopped; the next start goes on with it"));
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    try {
      while (this.#requests.size > 0 || this.#operations.size > 0) {
        const outcomes = [...this.#requests.values()].map(({ outcome }) => outcome);
        await Promise.allSettled([...outcomes, ...this.#operations.values()]);
      }
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}

/** The same id for another request (AIP-155). */
export function requestIdReused(requestId: string): Refusal {
  return new Refusal("REQUEST_ID_REUSED", `request_id ${requestId} stands for another request`, {
    metadata: { request_id: requestId },
    violations: [{ field: "request_id", rule: "names one request, with one set of arguments" }],
  });
}
