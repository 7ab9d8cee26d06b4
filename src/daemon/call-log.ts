import type { Logger } from "pino";
import { errorFor } from "#api/error-for.js";

/** One call that is over, at either door. */
export interface FinishedCall {
  readonly door: "bus" | "grpc";
  readonly method: string;
  readonly openstackRequestId: string;
  readonly projectId: string;
  /** What was thrown, if anything. */
  readonly error?: unknown;
}

/** Writes one line for a call: an error with its reason, and with what was thrown where that is a fault of the service. */
export function logCall(logger: Logger, { door, method, openstackRequestId, projectId, error }: FinishedCall): void {
  const fields = { event: "call", door, method, request_id: openstackRequestId, project_id: projectId };
  if (error === undefined) {
    logger.info({ ...fields, outcome: "done" }, `${method} done`);
    return;
  }
  const { reason, message, metadata } = errorFor(error);
  // Who was refused what, for whoever looks for it.
  const who = reason === "FORBIDDEN" ? metadata : {};
  const refused = { ...fields, ...who, outcome: "refused", reason };
  if (reason === "INTERNAL") logger.error({ ...refused, err: error }, `${method} failed: ${message}`);
  else logger.warn(refused, `${method} refused: ${message}`);
}
