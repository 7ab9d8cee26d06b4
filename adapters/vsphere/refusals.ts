import { type Reason, Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFromSignal } from "../wait-ended.js";
import type { Use } from "./machine.js";
import { AnswerError, VimFault } from "./vim.js";

/** What vCenter's faults mean; every other one is HYPERVISOR_FAILED. */
const BY_FAULT: Readonly<Record<string, Reason>> = {
  InvalidLogin: "HYPERVISOR_UNREACHABLE",
  NotAuthenticated: "HYPERVISOR_UNREACHABLE",
  NoPermission: "HYPERVISOR_UNREACHABLE",
  HostNotConnected: "HYPERVISOR_UNREACHABLE",
  HostCommunication: "HYPERVISOR_UNREACHABLE",
  // Gone between the look and the step.
  ManagedObjectNotFound: "INSTANCE_NOT_FOUND",
  InvalidPowerState: "INSTANCE_NOT_RUNNING",
  InvalidState: "INSTANCE_NOT_RUNNING",
  TaskInProgress: "INSTANCE_BUSY",
  ConcurrentAccess: "INSTANCE_BUSY",
  // The unit was taken in between.
  InvalidDeviceSpec: "DEVICE_BUSY",
  ResourceInUse: "DEVICE_BUSY",
  FileLocked: "DEVICE_BUSY",
  NoDiskSpace: "STORAGE_FULL",
};

/** Turns what vCenter or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, { instanceId, signal }: Pick<Use, "instanceId" | "signal">): unknown {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return refusalFromSignal(signal, `asking vCenter for instance ${instanceId}`);
  const metadata = { hypervisor: "vsphere", instance_id: instanceId };
  if (error instanceof VimFault) {
    const reason = BY_FAULT[error.type] ?? "HYPERVISOR_FAILED";
    const message = `vCenter refused it for instance ${instanceId}: ${error.type}: ${error.message}`;
    return new Refusal(reason, message, { metadata: { ...metadata, fault: error.type }, cause: error });
  }
  if (error instanceof Unreachable) {
    const message = `vCenter cannot be used for instance ${instanceId}: ${error.message}`;
    return new Refusal("HYPERVISOR_UNREACHABLE", message, { metadata, cause: error });
  }
  if (error instanceof AnswerError) {
    const message = `vCenter answered for instance ${instanceId} in an unknown form: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  return error;
}
