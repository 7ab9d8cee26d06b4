import type { Use } from "./machine.js";

/**
 * Takes back what was begun, also where the caller has given up. What cannot be taken back now is found by the next look:
 * the reason of the failure stays the one that is told.
 */
export async function undo({ session, taskMs }: Use, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  await work(AbortSignal.timeout(session.answerMs + taskMs)).catch(() => undefined);
}
