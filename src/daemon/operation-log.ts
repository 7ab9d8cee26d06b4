import type { Logger } from "pino";
import type { OperationReport } from "#drive/dependencies.js";

/** Writes one line for an operation that came to an end, or is left for later. */
export function logOperation(logger: Logger, report: OperationReport): void {
  const { operationId, kind, driveId, requestId, outcome, reason, message, milliseconds } = report;
  const fields = {
    event: "operation",
    operation_id: operationId,
    kind,
    drive_id: driveId,
    drive_request_id: requestId,
    outcome,
    duration_ms: Math.round(milliseconds),
  };
  if (outcome === "done") logger.info(fields, `${kind} of drive ${driveId} done`);
  else logger.warn({ ...fields, reason }, `${kind} of drive ${driveId} ${outcome}: ${message ?? reason ?? ""}`);
}
