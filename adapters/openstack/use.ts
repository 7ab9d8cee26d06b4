import type { Session } from "./session.js";

/** On whose behalf something is done, and until when. */
export interface Use {
  readonly session: Session;
  readonly instanceId: string;
  /** The type of new volumes; unset: Cinder's default. */
  readonly volumeType?: string;
  /** Milliseconds for what the services do behind their answers: fill, attach, take or delete a volume. */
  readonly taskMs: number;
  readonly signal: AbortSignal;
}

/**
 * Takes back what was begun, also where the caller has given up. What cannot be taken back now is found by the next look:
 * the reason of the failure stays the one that is told.
 */
export async function undo(use: Use, work: (use: Use) => Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(use.session.answerMs + use.taskMs);
  await work({ ...use, signal }).catch(() => undefined);
}
