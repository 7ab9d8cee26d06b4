import { type FieldViolation, type Reason, Refusal } from "#drive/refusal.js";
import { ERRORS, type ErrorRow } from "./errors.js";

/** What a door answers when something was not done. */
export interface Answer {
  readonly reason: Reason;
  readonly row: ErrorRow;
  /** For the caller; holds no secret. */
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  /** The same request, unchanged, may succeed after this many milliseconds; `undefined`: it will not. */
  readonly retryAfterMs: number | undefined;
}

/**
 * The row of the error table for whatever was thrown. Called at the edges only. What is no `Refusal` is a fault of the
 * service, and its text stays in the log.
 */
export function errorFor(thrown: unknown): Answer {
  if (thrown instanceof Refusal) {
    const { reason, message, metadata, violations, retryAfterMs = ERRORS[reason].retryAfterMs } = thrown;
    return { reason, row: ERRORS[reason], message, metadata, violations, retryAfterMs };
  }
  const reason = reasonOf(thrown);
  const row = ERRORS[reason];
  return { reason, row, message: row.meaning, metadata: {}, violations: [], retryAfterMs: row.retryAfterMs };
}

/** An aborted wait throws its signal's reason, which is a DOMException unless the door said otherwise. */
function reasonOf(thrown: unknown): Reason {
  const name: unknown = typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, "name") : undefined;
  if (name === "TimeoutError") return "DEADLINE_EXCEEDED";
  return name === "AbortError" ? "CANCELLED" : "INTERNAL";
}
