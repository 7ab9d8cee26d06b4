import type { Dependencies } from "./dependencies.js";
import type { HostView } from "./hosts.js";
import type { Limits } from "./limits.js";

/** What this service takes, and what it can do. */
export interface Capabilities {
  /** What shows drives to instances, where it is one and the same. */
  readonly hypervisor?: HostView["hypervisor"];
  readonly hosts: readonly HostView[];
  readonly limits: Limits;
  /** Where instances are run; empty: nowhere. */
  readonly launchHost: string;
  /** The schemes of URLs that content is read from. */
  readonly sourceSchemes: readonly string[];
}

/** Tells what this service takes and can do, as it is configured. */
export async function capabilities({
  hosts,
  launch,
  limits,
  sources,
}: Pick<Dependencies, "hosts" | "launch" | "limits" | "sources">): Promise<Capabilities> {
  const known = hosts.view();
  const kinds = new Map(known.map(({ hypervisor }) => [hypervisor.name, hypervisor]));
  const [hypervisor] = kinds.values();
  const one = hypervisor === undefined || kinds.size > 1 ? {} : { hypervisor };
  return { ...one, hosts: known, launchHost: launch?.host ?? "", limits, sourceSchemes: sources.schemes };
}
