import type { ImageFormat } from "#image/plan.js";
import { layOutDocument } from "#layout/config-document.js";
import { type GuestDefaults, guestDefaults } from "#layout/guest-profile.js";
import { LayoutRefusal } from "#layout/refusal.js";
import type { LaidOut } from "#layout/result.js";
import type { DeviceKind } from "./drive.js";
import { type FieldViolation, Refusal } from "./refusal.js";
import type { ConfigData } from "./spec.js";

/** Data that breaks more rules than this is told of these only. */
const MOST_TOLD = 16;
const MOST_PATH = 200;

/** Config data made into files. Refusals: INVALID_ARGUMENT names each field by its path in the JSON, and the rule. */
export function filesOf(data: ConfigData): LaidOut {
  return told(() => layOutDocument(data), "config_data.json");
}

/**
 * The format and the device that suit the guest, and why; what is asked for is kept where readers of the layout can take it.
 * Refusals: INVALID_ARGUMENT where they cannot.
 */
export function suits(
  { guest, layout }: Pick<ConfigData, "guest" | "layout">,
  asked: { readonly format?: ImageFormat; readonly kind?: DeviceKind } = {},
): Omit<GuestDefaults, "kind"> & { readonly kind: DeviceKind } {
  const { format, kind } = asked;
  if (format === "raw") {
    const rule = "config data needs a file system: iso9660 or vfat, or not said";
    throw new Refusal("INVALID_ARGUMENT", `format: ${rule}`, { violations: [{ field: "format", rule }] });
  }
  // Who reads properties never sees a device.
  const device = kind === undefined || kind === "properties" ? {} : { kind };
  const wish = { ...(format === undefined ? {} : { format }), ...device };
  const defaults = told(() => guestDefaults(guest, layout, wish), "");
  return kind === "properties" ? { ...defaults, kind } : defaults;
}

/**
 * The kind of device that suits the guest for an image: the one that is asked for, where readers of the layout take the whole image
 * from it. Refusals: INVALID_ARGUMENT where they do not.
 */
export function suitedKind(
  content: Pick<ConfigData, "guest" | "layout">,
  { format, sizeBytes }: { readonly format: ImageFormat; readonly sizeBytes: number },
  asked: DeviceKind | undefined,
): DeviceKind {
  const { kind, maxImageBytes } = suits(content, { format, ...(asked === undefined ? {} : { kind: asked }) });
  if (maxImageBytes === undefined || sizeBytes <= maxImageBytes) return kind;
  const rule = `readers of a ${kind} take at most ${maxImageBytes} bytes, the image has ${sizeBytes}`;
  throw new Refusal("INVALID_ARGUMENT", `kind: ${rule}`, { violations: [{ field: "kind", rule }] });
}

/**
 * What a hypervisor has against a device, for those who ask with config data: of the devices that it offers instead, readers of the
 * OVF layout find the drive on none but a CD-ROM.
 */
export function refusalFor({ layout, guest }: Pick<ConfigData, "guest" | "layout">, error: unknown): unknown {
  if (layout !== "ovf" || !(error instanceof Refusal) || error.reason !== "BUS_NOT_AVAILABLE") return error;
  const { reason, message, metadata, violations } = error;
  const alone = `of these a cdrom alone: ${suits({ layout, guest }).reason}`;
  return new Refusal(reason, `${message}; ${alone}; the layouts openstack and nocloud are found on a disk too`, {
    metadata: { ...metadata },
    violations: [...violations],
    cause: error,
  });
}

/** Runs a layout's work; what it refuses comes out in the contract's words. No rule repeats a value: data holds secrets. */
function told<T>(work: () => T, root: string): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LayoutRefusal)) throw error;
    const violations = error.violations.slice(0, MOST_TOLD).map(({ path, rule }): FieldViolation => {
      const inside = path.startsWith("(") ? "" : path.slice(0, MOST_PATH);
      return { field: [root, inside].filter((part) => part !== "").join("."), rule };
    });
    const more = error.violations.length - violations.length;
    const text = violations.map(({ field, rule }) => `${field}: ${rule}`).join("; ");
    throw new Refusal("INVALID_ARGUMENT", more > 0 ? `${text}; and ${more} more` : text, {
      violations,
      metadata: { field: violations[0]?.field ?? root },
    });
  }
}
