import type { Logger } from "pino";
import type { OperationReport } from "#drive/dependencies.js";

/** Writes one line for an operation that came to an end, or is left for later. */
export function logOperation(logger: Logger, report: OperationReport): void {
  const { operationId, kind, driveId, instanceIds, requestId, outcome, reason, message, milliseconds } = report;
  const subject = instanceIds === undefined ? `drive ${driveId}` : `instances ${instanceIds.join(", ")}`;
  const fields = {
    event: "operation",
    operation_id: operationId,
    kind,
    ...(instanceIds === undefined ? { drive_id: driveId } : { instance_ids: instanceIds }),
    drive_request_id: requestId,
    outcome,
    duration_ms: Math.round(milliseconds),
  };
  if (outcome === "done") logger.info(fields, `${kind} of ${subject} done`);
  else logger.warn({ ...fields, reason }, `${kind} of ${subject} ${outcome}: ${message ?? reason ?? ""}`);
}
