import { type Reason, Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFromSignal } from "../wait-ended.js";
import { AnswerError, ApiError } from "./api.js";
import type { Use } from "./node.js";

/** What Ironic's statuses mean; every other one is HYPERVISOR_FAILED, and so is 5xx but for these. */
const BY_STATUS: Readonly<Record<number, Reason>> = {
  401: "HYPERVISOR_UNREACHABLE",
  403: "HYPERVISOR_UNREACHABLE",
  // Gone between the look and the step.
  404: "INSTANCE_NOT_FOUND",
  409: "INSTANCE_BUSY",
  413: "BUS_NOT_AVAILABLE",
  429: "HYPERVISOR_UNREACHABLE",
  502: "HYPERVISOR_UNREACHABLE",
  503: "HYPERVISOR_UNREACHABLE",
  504: "HYPERVISOR_UNREACHABLE",
};

/** Turns what Ironic or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, { instanceId, signal }: Pick<Use, "instanceId" | "signal">): unknown {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return refusalFromSignal(signal, `asking Ironic for instance ${instanceId}`);
  const metadata = { hypervisor: "ironic", instance_id: instanceId };
  if (error instanceof ApiError) {
    const reason = BY_STATUS[error.status] ?? "HYPERVISOR_FAILED";
    const message = `Ironic refused it for instance ${instanceId}: ${error.message}`;
    return new Refusal(reason, message, { metadata, cause: error });
  }
  if (error instanceof Unreachable) {
    const message = `Ironic cannot be used for instance ${instanceId}: ${error.message}`;
    return new Refusal("HYPERVISOR_UNREACHABLE", message, { metadata, cause: error });
  }
  if (error instanceof AnswerError) {
    const message = `Ironic answered for instance ${instanceId} in an unknown form: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  return error;
}
