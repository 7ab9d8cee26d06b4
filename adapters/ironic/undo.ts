/** How long taking something back may last, in milliseconds; each answer has its own limit besides. */
const UNDO_MS = 60_000;

/**
 * Takes back what was begun, also where the caller has given up. What cannot be taken back now is found by the next look:
 * the reason of the failure stays the one that is told.
 */
export async function undo(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  await work(AbortSignal.timeout(UNDO_MS)).catch(() => undefined);
}
