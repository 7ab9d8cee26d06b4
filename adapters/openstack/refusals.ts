import { z } from "zod";
import { type Reason, Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { refusalFromSignal } from "../wait-ended.js";
import { NotInCatalog, OpenstackError, type Service } from "./session.js";
import type { Use } from "./use.js";

/** What an error of a service means, where needed with what its text says; the first row that fits. */
interface Row {
  readonly service?: Service;
  readonly status: number;
  readonly text?: RegExp;
  readonly reason: Reason;
  /** What would work. */
  readonly remedy?: string;
}

const FORMAT = /format/i;
const OTHER_FORMAT = "a drive of another format, or a Glance that takes this one ([image_format] disk_formats)";

const BY_ERROR: readonly Row[] = [
  { status: 401, reason: "HYPERVISOR_UNREACHABLE" },
  {
    status: 403,
    text: /quota|exceed|maximum|too many/i,
    reason: "QUOTA_EXCEEDED",
    remedy: "a drive less, a smaller server, or a larger quota",
  },
  { status: 403, reason: "HYPERVISOR_UNREACHABLE", remedy: "a role in the project that may do it" },
  { service: "compute", status: 404, reason: "INSTANCE_NOT_FOUND" },
  {
    service: "compute",
    status: 409,
    text: /vm_state/,
    reason: "INSTANCE_NOT_RUNNING",
    remedy: "a server that is active, paused or stopped",
  },
  { status: 409, reason: "INSTANCE_BUSY" },
  { status: 412, reason: "INSTANCE_BUSY" },
  { status: 413, reason: "QUOTA_EXCEEDED", remedy: "a drive less, a smaller one, or a larger quota" },
  { service: "compute", status: 400, text: /volume/i, reason: "DEVICE_BUSY", remedy: "a volume that nobody has" },
  { service: "image", status: 400, text: FORMAT, reason: "HYPERVISOR_FAILED", remedy: OTHER_FORMAT },
  { service: "image", status: 415, reason: "HYPERVISOR_FAILED", remedy: OTHER_FORMAT },
  { status: 429, reason: "HYPERVISOR_UNREACHABLE" },
];

/** What passes by itself, so that it can be asked again later. */
const PASSES: readonly Reason[] = ["HYPERVISOR_UNREACHABLE", "INSTANCE_BUSY"];

const SERVICES = { compute: "nova", volume: "Cinder", image: "Glance" } as const;

/** Turns what OpenStack or the way to it threw into a reason; anything else, a refusal included, comes back as it was. */
export function refusalFrom(error: unknown, { instanceId, signal }: Pick<Use, "instanceId" | "signal">): unknown {
  const metadata = { hypervisor: "openstack", instance_id: instanceId };
  const unreachable = (why: string) =>
    new Refusal("HYPERVISOR_UNREACHABLE", `OpenStack cannot be used for instance ${instanceId}: ${why}`, {
      metadata,
      cause: error,
    });
  if (error instanceof Refusal) return error.reason === "KEYSTONE_UNREACHABLE" ? unreachable(error.message) : error;
  if (signal.aborted) return refusalFromSignal(signal, `asking OpenStack for instance ${instanceId}`);
  if (error instanceof OpenstackError) {
    const { reason, remedy } = meaningOf(error);
    const said = `${SERVICES[error.service]} answered ${error.status} for instance ${instanceId}: ${error.message}`;
    const message = remedy === undefined ? said : `${said}; would work: ${remedy}`;
    return new Refusal(reason, message, {
      metadata: { ...metadata, status: String(error.status) },
      cause: error,
      // Waiting gives no larger quota, though Cinder says so (413).
      ...(error.retryAfterMs === undefined || !PASSES.includes(reason) ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  }
  if (error instanceof Unreachable || error instanceof NotInCatalog) return unreachable(error.message);
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    const message = `OpenStack answered for instance ${instanceId} in an unknown form: ${error.message}`;
    return new Refusal("HYPERVISOR_FAILED", message, { metadata, cause: error });
  }
  return error;
}

function meaningOf({ service, status, message }: OpenstackError): Pick<Row, "reason" | "remedy"> {
  if (status >= 500) return { reason: "HYPERVISOR_UNREACHABLE" };
  const row = BY_ERROR.find(
    (one) => one.status === status && (one.service ?? service) === service && (one.text?.test(message) ?? true),
  );
  return row ?? { reason: "HYPERVISOR_FAILED" };
}
