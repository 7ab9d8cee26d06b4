import { type Reason, Refusal } from "#drive/refusal.js";
import { QmpCommandError, QmpConnectionLost, QmpUnreachable } from "./qmp-error.js";

/** QEMU names the device or does not. */
const TRAY_CLOSED = /^Tray of (the )?device.* is not open/;

/** QEMU gives nearly every error the class GenericError, so that its text has to tell them apart (QEMU 7.2 and 10.0). */
const BY_DESCRIPTION: readonly (readonly [RegExp, Reason])[] = [
  [/is locked and force was not specified/, "DEVICE_LOCKED"],
  [TRAY_CLOSED, "DEVICE_BUSY"],
  [/does not support hotplugging|no slot\/function available|Bus '.*' (not found|is full)/, "BUS_NOT_AVAILABLE"],
  [/No '.*' bus found|can't go on .* bus|is not a valid device model name/, "BUS_NOT_AVAILABLE"],
  [/is (already )?in use|Duplicate device ID|Duplicate nodes|already in the process of unplug/, "DEVICE_BUSY"],
  [/Failed to get ".*" lock|Permission conflict|Conflicts with use by/, "DEVICE_BUSY"],
];

/** What a system's error code on the way to the monitor means. A socket without a listener is what a killed QEMU leaves. */
const BY_CODE: Readonly<Record<string, readonly [Reason, string]>> = {
  ENOENT: ["INSTANCE_NOT_FOUND", "there is no monitor socket"],
  ENOTDIR: ["INSTANCE_NOT_FOUND", "there is no monitor socket"],
  ECONNREFUSED: ["INSTANCE_NOT_RUNNING", "nobody listens at the monitor socket"],
  EACCES: ["HYPERVISOR_UNREACHABLE", "the monitor socket may not be opened"],
  EAGAIN: ["HYPERVISOR_UNREACHABLE", "other clients hold the monitor"],
  NO_GREETING: ["HYPERVISOR_UNREACHABLE", "the monitor does not greet: another client holds it, or QEMU hangs"],
};

/** Turns what the monitor or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, instanceId: string): unknown {
  const metadata = { hypervisor: "qemu", instance_id: instanceId };
  if (error instanceof QmpCommandError) {
    const reason = BY_DESCRIPTION.find(([text]) => text.test(error.description))?.[1] ?? "HYPERVISOR_FAILED";
    const details = { ...metadata, command: error.command, qmp_class: error.errorClass };
    return new Refusal(reason, `QEMU refused ${error.command} for instance ${instanceId}: ${error.description}`, {
      metadata: details,
      cause: error,
    });
  }
  if (error instanceof QmpUnreachable) {
    const [reason, text] = BY_CODE[error.code] ?? ["HYPERVISOR_UNREACHABLE", error.code];
    return new Refusal(reason, `instance ${instanceId}: ${text} (${error.path})`, { metadata, cause: error });
  }
  if (error instanceof QmpConnectionLost) {
    return new Refusal("HYPERVISOR_UNREACHABLE", `instance ${instanceId}: the monitor was lost: ${error.why}`, {
      metadata,
      cause: error,
    });
  }
  return error;
}

/** Whether a refusal says that the instance does not run here. */
export function isGone(error: unknown): boolean {
  return error instanceof Refusal && (error.reason === "INSTANCE_NOT_FOUND" || error.reason === "INSTANCE_NOT_RUNNING");
}

/** Whether a refusal says that a tray was to be open and is closed. */
export function isTrayClosed(error: unknown): boolean {
  return (
    error instanceof Refusal && error.cause instanceof QmpCommandError && TRAY_CLOSED.test(error.cause.description)
  );
}

/** Whether a refusal is QEMU's own of a command, which then has changed nothing. */
export function isCommandRefused(error: unknown): boolean {
  return error instanceof Refusal && error.cause instanceof QmpCommandError;
}

/** Whether a refusal says that the monitor went away in the middle of something. */
export function isMonitorLost(error: unknown): boolean {
  return error instanceof Refusal && error.cause instanceof QmpConnectionLost;
}
