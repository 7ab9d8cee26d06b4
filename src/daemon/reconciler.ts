import type { Logger } from "pino";
import type { DriveService } from "#drive/service.js";

/** One pass of the reconciler, told in the log when there was something to do. Never rejects: the next pass tries again. */
export async function reconcileOnce(drives: DriveService, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    const { refusals, ...done } = await drives.reconcile(signal);
    const busy = Object.values(done).some((count) => count > 0);
    if (busy) logger.info({ event: "reconciled", ...done }, "brought drives to what is desired");
    for (const { reason, message, metadata } of refusals) {
      if (signal.aborted) break;
      logger.warn({ event: "not_reconciled", reason, ...metadata }, message);
    }
  } catch (error) {
    if (!signal.aborted) logger.error({ event: "not_reconciled", err: error }, "the reconciler failed; it tries again");
  }
}
