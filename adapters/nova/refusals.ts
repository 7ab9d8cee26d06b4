import { type Reason, Refusal } from "#drive/refusal.js";
import { PluginAway, PluginFailure } from "./compute-plugin.js";

/** What nova's exceptions mean; the plugin raises no others of its own accord. */
const BY_EXCEPTION: Readonly<Record<string, Reason>> = {
  InstanceNotFound: "INSTANCE_NOT_FOUND",
  // Another action of nova is under way, or the instance is in a state in which nova lets nobody plug anything.
  InstanceInvalidState: "INSTANCE_BUSY",
  UnexpectedTaskStateError: "INSTANCE_BUSY",
  // nova has the drive as a volume, and does itself what is to be done with it.
  InvalidVolume: "DRIVE_ATTACHED",
  DeviceDetachFailed: "DEVICE_BUSY",
  InstanceDeployFailure: "STORAGE_FAILED",
};

/** Turns what came back from nova-compute into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, instanceId: string): unknown {
  const metadata = { hypervisor: "nova", instance_id: instanceId };
  if (error instanceof PluginFailure) {
    const reason = BY_EXCEPTION[error.exception] ?? "HYPERVISOR_FAILED";
    return new Refusal(reason, `nova-compute refused it for instance ${instanceId}: ${error.message}`, {
      metadata,
      cause: error,
    });
  }
  if (error instanceof PluginAway) {
    return new Refusal("HYPERVISOR_UNREACHABLE", `instance ${instanceId}: nova-compute does not answer`, {
      metadata,
      cause: error,
    });
  }
  return error;
}
