import type { Dependencies } from "./dependencies.js";
import type { HostView } from "./hosts.js";
import type { Limits } from "./limits.js";

/** What this service takes, and what it can do. */
export interface Capabilities {
  /** What shows drives to instances, where it is one and the same. */
  readonly hypervisor?: HostView["hypervisor"];
  readonly hosts: readonly HostView[];
  readonly limits: Limits;
  /** Where instances are run that name no host; empty: nowhere, or where there is most room of several hosts. */
  readonly launchHost: string;
  /** The schemes of URLs that content is read from. */
  readonly sourceSchemes: readonly string[];
}

/** Tells what this service takes and can do, as it is configured. */
export async function capabilities({
  hosts,
  limits,
  sources,
}: Pick<Dependencies, "hosts" | "limits" | "sources">): Promise<Capabilities> {
  const known = hosts.view();
  const kinds = new Map(known.map(({ hypervisor }) => [hypervisor.name, hypervisor]));
  const [hypervisor] = kinds.values();
  const one = hypervisor === undefined || kinds.size > 1 ? {} : { hypervisor };
  const launching = known.filter(({ launches }) => launches);
  const launchHost = launching.length === 1 ? (launching[0]?.host ?? "") : "";
  return { ...one, hosts: known, launchHost, limits, sourceSchemes: sources.schemes };
}
