import type { Logger } from "pino";
import { errorFor } from "#api/error-for.js";
import type { Caller } from "#api/policy/caller.js";
import type { Subject } from "#api/subject.js";

/** One call that is over, at either door. */
export interface FinishedCall {
  readonly door: "bus" | "grpc";
  readonly method: string;
  readonly openstackRequestId: string;
  readonly projectId: string;
  /** Who made it; unset for a call that did not say. */
  readonly caller?: Caller;
  /** Address and port that it came from; unset where it came over the bus or a unix socket. */
  readonly peer?: string;
  /** What it is about; unset where it was turned away before that was looked at. */
  readonly subject?: Subject;
  readonly milliseconds: number;
  /** What was thrown, if anything. */
  readonly error?: unknown;
}

/** Writes one line for a call: an error with its reason, and with what was thrown where that is a fault of the service. */
export function logCall(logger: Logger, call: FinishedCall): void {
  const { door, method, openstackRequestId, projectId, caller, peer, error } = call;
  const fields = {
    ...{ event: "call", door, method, request_id: openstackRequestId, project_id: projectId },
    ...(caller === undefined ? {} : { user_id: caller.userId }),
    ...(peer === undefined ? {} : { peer }),
  };
  if (error === undefined) {
    logger.info({ ...fields, outcome: "done" }, `${method} done`);
    return;
  }
  const { reason, message, metadata } = errorFor(error);
  // Who was refused what, for whoever looks for it.
  const who = reason === "FORBIDDEN" || reason === "UNAUTHENTICATED" ? metadata : {};
  const refused = { ...fields, ...who, outcome: "refused", reason };
  if (reason === "INTERNAL") logger.error({ ...refused, err: error }, `${method} failed: ${message}`);
  else logger.warn(refused, `${method} refused: ${message}`);
}
