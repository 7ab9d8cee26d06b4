import { Refusal } from "./refusal.js";

/** How often drives that somebody else changes at the same time are looked at again. */
export const LOOKS = 5;

/**
 * Does work that looks at drives and then acts on what it saw, again where somebody changed one in between: the reconciler shows a
 * drive again, another service has it, a host was told of a newer revision. The work begins with the look, and finds done what was done.
 * @param again - waits before the next look; throws where there is to be none
 * Refusals: DRIVE_BUSY where there is no end of it, and the work's own.
 */
export async function undisturbed<T>(
  work: () => Promise<T>,
  again: (busy: Refusal) => Promise<void> = async () => undefined,
): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await work();
    } catch (error) {
      if (!isDriveBusy(error) || look === LOOKS) throw error;
      await again(error);
    }
  }
}

/** Whether somebody else is at a drive. */
export function isDriveBusy(error: unknown): error is Refusal {
  return error instanceof Refusal && error.reason === "DRIVE_BUSY";
}
