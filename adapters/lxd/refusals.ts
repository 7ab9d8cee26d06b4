import { z } from "zod";
import { type Reason, Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFromSignal } from "../wait-ended.js";
import { LxdError } from "./api.js";
import type { Use } from "./container.js";

/** What LXD's errors mean (LXD 5.0), where needed with what their text says; the first row that fits. */
const BY_ERROR: readonly (readonly [
  status: number | undefined,
  text: RegExp | undefined,
  reason: Reason,
  /** What would work. */
  remedy?: string,
])[] = [
  [404, undefined, "INSTANCE_NOT_FOUND"],
  [403, undefined, "HYPERVISOR_UNREACHABLE"],
  [503, undefined, "HYPERVISOR_UNREACHABLE"],
  [409, undefined, "INSTANCE_BUSY"],
  [412, undefined, "INSTANCE_BUSY"],
  [423, undefined, "INSTANCE_BUSY"],
  [
    undefined,
    /uses the same path/,
    "DEVICE_BUSY",
    "[lxd] mount_path where the container has nothing, with {drive_id} in it for several drives",
  ],
  [undefined, /busy running|is busy/i, "INSTANCE_BUSY"],
];

/** Turns what LXD or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, { instanceId, signal }: Pick<Use, "instanceId" | "signal">): unknown {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return refusalFromSignal(signal, `asking LXD for instance ${instanceId}`);
  const metadata = { hypervisor: "lxd", instance_id: instanceId };
  if (error instanceof LxdError) {
    const row = BY_ERROR.find(
      ([status, text]) => (status ?? error.status) === error.status && (text?.test(error.message) ?? true),
    );
    const remedy = row?.[3];
    const instead = remedy === undefined ? "" : `; would work: ${remedy}`;
    const message = `LXD refused it for instance ${instanceId}: ${error.message}${instead}`;
    return new Refusal(row?.[2] ?? "HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  if (error instanceof Unreachable) {
    const message = `LXD cannot be used for instance ${instanceId}: ${error.message}`;
    return new Refusal("HYPERVISOR_UNREACHABLE", message, { metadata, cause: error });
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    const message = `LXD answered for instance ${instanceId} in an unknown form: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  return error;
}
