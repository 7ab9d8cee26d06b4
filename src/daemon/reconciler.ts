import type { Logger } from "pino";
import { type Reason, Refusal } from "#drive/refusal.js";
import type { DriveService } from "#drive/service.js";

/** What only a catalog that cannot be used is refused with. */
const CATALOG_REASONS: ReadonlySet<Reason> = new Set(["CATALOG_FAILED", "CATALOG_LOCKED"]);

/**
 * One pass of the reconciler, told in the log when there was something to do. Never rejects: the next pass tries again.
 * @returns whether the catalog could be used
 */
export async function reconcileOnce(
  drives: Pick<DriveService, "reconcile">,
  logger: Logger,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { refusals, ...done } = await drives.reconcile(signal);
    const busy = Object.values(done).some((count) => count > 0);
    if (busy) logger.info({ event: "reconciled", ...done }, "brought drives to what is desired");
    for (const refusal of refusals) {
      if (signal.aborted) break;
      const { reason, message, metadata } = refusal;
      const fields = { event: "not_reconciled", reason, ...metadata };
      // A fault of the service is told with what was thrown; nobody else will hear of it.
      if (reason === "INTERNAL") logger.error({ ...fields, err: refusal }, message);
      else logger.warn(fields, message);
    }
    return !refusals.some(({ reason }) => CATALOG_REASONS.has(reason));
  } catch (error) {
    if (signal.aborted) return true;
    logger.error({ event: "not_reconciled", err: error }, "the reconciler failed; it tries again");
    return !(error instanceof Refusal && CATALOG_REASONS.has(error.reason));
  }
}
