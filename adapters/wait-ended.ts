import { Refusal } from "#drive/refusal.js";

/** Why a wait ended: the refusal that the caller's signal carries, or what its kind says. */
export function refusalFromSignal(signal: AbortSignal, doing: string): Refusal {
  const why: unknown = signal.reason;
  if (why instanceof Refusal) return why;
  const late = why instanceof DOMException && why.name === "TimeoutError";
  return new Refusal(
    late ? "DEADLINE_EXCEEDED" : "CANCELLED",
    `${doing}: ${late ? "the deadline passed" : "given up"}`,
    {
      cause: why,
    },
  );
}
