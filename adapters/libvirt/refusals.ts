import { type Reason, Refusal } from "#drive/refusal.js";
import { LibvirtConnectionLost, LibvirtError, LibvirtUnreachable } from "./remote-error.js";
import { errorCodes as codes } from "./remote-program.js";
import { XdrError } from "./xdr.js";

/** What libvirt's error codes mean, where needed with what their text says (libvirt 9.0); the first row that fits. */
const BY_CODE: readonly (readonly [code: number, text: RegExp | undefined, reason: Reason])[] = [
  [codes.noDomain, undefined, "INSTANCE_NOT_FOUND"],
  [codes.operationInvalid, /not running|not active/, "INSTANCE_NOT_RUNNING"],
  [codes.operationInvalid, /already exists/, "DEVICE_BUSY"],
  [codes.xmlError, /already exists|duplicate/i, "DEVICE_BUSY"],
  [codes.configUnsupported, /already|duplicate|non unique/i, "DEVICE_BUSY"],
  [codes.operationFailed, /already exists|in use/, "DEVICE_BUSY"],
  [codes.operationFailed, /locked|[Tt]ray/, "DEVICE_LOCKED"],
  [codes.operationUnsupported, undefined, "BUS_NOT_AVAILABLE"],
  [codes.configUnsupported, /cannot be hotplugged|hotplug/, "BUS_NOT_AVAILABLE"],
  [codes.internalError, /No more available PCI|[Nn]o free|cannot be hot ?plugged|hotplug/, "BUS_NOT_AVAILABLE"],
  [codes.internalError, /already in the process of unplug|[Dd]uplicate (device )?ID/, "DEVICE_BUSY"],
  [codes.operationTimeout, undefined, "HYPERVISOR_UNREACHABLE"],
  [codes.authFailed, undefined, "HYPERVISOR_UNREACHABLE"],
  [codes.accessDenied, undefined, "HYPERVISOR_UNREACHABLE"],
];

/** Turns what libvirt or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, instanceId: string): unknown {
  const metadata = { hypervisor: "libvirt", instance_id: instanceId };
  if (error instanceof LibvirtError) {
    const row = BY_CODE.find(([code, text]) => code === error.code && (text?.test(error.description) ?? true));
    const details = { ...metadata, procedure: error.procedure, libvirt_code: String(error.code) };
    const message = `libvirt refused ${error.procedure} for instance ${instanceId}: ${error.description}`;
    return new Refusal(row?.[2] ?? "HYPERVISOR_FAILED", message, { metadata: details, cause: error });
  }
  if (error instanceof LibvirtUnreachable) {
    const message = `libvirt cannot be reached at ${error.path}: ${error.code}`;
    return new Refusal("HYPERVISOR_UNREACHABLE", message, { metadata, cause: error });
  }
  if (error instanceof LibvirtConnectionLost) {
    const message = `instance ${instanceId}: the connection to libvirt was lost: ${error.why}`;
    return new Refusal("HYPERVISOR_UNREACHABLE", message, { metadata, cause: error });
  }
  if (error instanceof XdrError) {
    const message = `libvirt answered for instance ${instanceId} in an unknown form: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  return error;
}

/** Whether a refusal carries one of libvirt's codes. */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof Refusal && error.cause instanceof LibvirtError && error.cause.code === code;
}

/** Whether a refusal says that the connection went away in the middle of something. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Refusal && error.cause instanceof LibvirtConnectionLost;
}
