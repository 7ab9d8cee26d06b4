import type { Json } from "../json.js";
import type { Clock, Timer } from "../ports.js";
import { decodeFailure } from "../wire/failure.js";
import type { RemoteErrorClasses } from "../wire/remote-error.js";
import { remoteError } from "../wire/remote-error.js";
import type { IncomingReply } from "../wire/reply.js";
import { CallTimeout } from "./call-errors.js";

/** A call whose reply is awaited. */
export interface WaitingCall {
  /** The result. Rejects with a RemoteError, or with a CallTimeout when a monitored call falls silent. */
  readonly reply: Promise<Json>;
  /** From here on silence is measured: the request is with the broker. */
  startMonitor(): void;
  /** Stops waiting; a reply that comes later belongs to nobody. */
  forget(): void;
}

interface Waiter {
  resolve(result: Json): void;
  reject(error: Error): void;
  heard(): void;
  partial: Json;
}

/** The calls of one reply queue that wait, by `_msg_id`. */
export class WaitingCalls {
  readonly #waiters = new Map<string, Waiter>();

  constructor(
    private readonly clock: Clock,
    private readonly knownErrors: RemoteErrorClasses,
  ) {}

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits for the reply to a message; to be called before the message is published (wire §5.3).
   * @param monitorMs a monitored call ends when nothing is heard for so long (wire §8); undefined: not monitored
   * @param described the call, for its error
   */
  wait(msgId: string, monitorMs: number | undefined, described: string): WaitingCall {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    // Whoever waits may have left already; that nobody listens then is no error.
    promise.catch(() => undefined);
    let timer: Timer | undefined;
    let monitored = false;
    const restart = (): void => {
      timer?.stop();
      if (!monitored || monitorMs === undefined) return;
      const silence = new CallTimeout(`no sign of life of ${described}`, monitorMs);
      timer = this.clock.after(monitorMs, () => reject(silence));
    };
    this.#waiters.set(msgId, { resolve, reject, heard: restart, partial: null });
    return {
      reply: promise,
      startMonitor: () => {
        monitored = this.#waiters.has(msgId);
        restart();
      },
      forget: () => {
        timer?.stop();
        monitored = false;
        this.#waiters.delete(msgId);
      },
    };
  }

  /**
   * Hands a reply to its call. Heartbeats restart the silence of a monitored call and mean nothing to another; a partial result is kept
   * and stands if the final reply has none (wire §6).
   * @returns false when no call waits for it: late, repeated, or never ours
   */
  settle(reply: IncomingReply): boolean {
    const waiter = reply.msgId === undefined ? undefined : this.#waiters.get(reply.msgId);
    if (waiter === undefined) return false;
    if (reply.failure !== undefined) waiter.reject(remoteError(decodeFailure(reply.failure), this.knownErrors));
    else if (reply.ending) waiter.resolve(reply.result ?? waiter.partial);
    else {
      waiter.partial = reply.result ?? waiter.partial;
      waiter.heard();
    }
    return true;
  }
}
