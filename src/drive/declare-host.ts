import type { Dependencies } from "./dependencies.js";
import type { HostTally } from "./host-catalog.js";
import type { HostView } from "./hosts.js";
import type { KnownHosts } from "./known-hosts.js";
import { Refusal } from "./refusal.js";
import type { Call, DeclareHost } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/** What a declaration is about: the host as it is known after it, and what of ours was there. */
export interface DeclaredHost extends HostTally {
  readonly host: HostView;
}

/**
 * Declares that a host never comes back, or takes that back. What is pending there then comes to its end as if the host were
 * switched off and empty; nothing there is touched. The same declaration again is a success.
 * Refusals: HOST_PRESENT where an agent answers there; HOST_UNKNOWN for one of which nothing is known; HOST_UNREACHABLE while that may
 * still change.
 */
export async function declareHost(
  { catalog, now }: Pick<Dependencies, "catalog" | "now">,
  hosts: KnownHosts,
  { host, lost, validateOnly = false }: DeclareHost,
  call: Call,
): Promise<DeclaredHost> {
  return await untilAborted(declare(), call.signal);

  async function declare(): Promise<DeclaredHost> {
    hosts.take(await catalog.hosts.lost());
    const tally = await catalog.hosts.tally(host);
    if (lost) requireGone(hosts, host, tally);
    if (!validateOnly) {
      await (lost ? catalog.hosts.declareLost(host, now()) : catalog.hosts.declareFound(host));
      hosts.take(await catalog.hosts.lost());
    }
    const view = hosts.view().find((known) => known.host === host);
    const unknown = {
      host,
      state: "AWAY",
      hypervisor: { name: "", devices: [] },
      launches: false,
      version: "",
    } as const;
    return { host: view ?? unknown, ...tally };
  }
}

function requireGone(hosts: KnownHosts, host: string, { drives, instances }: HostTally): void {
  const state = hosts.view().find((view) => view.host === host)?.state;
  if (state === "PRESENT" || state === "AMBIGUOUS") {
    throw new Refusal("HOST_PRESENT", `an agent answers on host ${host}: end it before the host is declared lost`, {
      metadata: { host },
    });
  }
  if (state !== undefined) return;
  try {
    hosts.require(host);
  } catch (error) {
    const isForeign = error instanceof Refusal && error.reason === "HOST_UNKNOWN";
    // A service that began after the host was lost never heard of it; the catalog has.
    if (!isForeign || drives + instances === 0) throw error;
  }
}
