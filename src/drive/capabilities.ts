import type { Dependencies } from "./dependencies.js";
import type { DeviceForm } from "./hypervisor.js";
import type { Limits } from "./limits.js";

/** What this service takes, and what it can do. */
export interface Capabilities {
  readonly hypervisor: { readonly name: string; readonly devices: readonly DeviceForm[] };
  readonly limits: Limits;
  /** The schemes of URLs that content is read from. */
  readonly sourceSchemes: readonly string[];
}

/** Tells what this service takes and can do, as it is configured. */
export async function capabilities({
  hypervisor: { name, devices },
  limits,
  sources,
}: Pick<Dependencies, "hypervisor" | "limits" | "sources">): Promise<Capabilities> {
  return { hypervisor: { name, devices }, limits, sourceSchemes: sources.schemes };
}
