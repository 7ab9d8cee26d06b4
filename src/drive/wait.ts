import { Refusal } from "./refusal.js";

/**
 * Waits for work that goes on by itself. When the signal ends the wait, the work is not touched.
 * Refusals: DEADLINE_EXCEEDED or CANCELLED by the signal's reason, and whatever the work refuses.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // The work may fail when nobody waits for it any more; that is no unhandled rejection.
  work.catch(() => undefined);
  if (signal.aborted) throw waitEnded(signal);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(waitEnded(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Why a wait ended, as a refusal: a refusal given as the signal's reason stands, a time-out is a deadline, all else was cancelled. */
export function waitEnded(signal: AbortSignal): Refusal {
  const reason: unknown = signal.reason;
  if (reason instanceof Refusal) return reason;
  if (typeof reason === "object" && reason !== null && "name" in reason && reason.name === "TimeoutError") {
    return new Refusal("DEADLINE_EXCEEDED", "the deadline passed before the answer; the operation goes on");
  }
  return new Refusal("CANCELLED", "the caller no longer waits; the operation goes on");
}
