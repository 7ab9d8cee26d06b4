import type { Catalog } from "#drive/catalog.js";
import type { HostView } from "#drive/hosts.js";
import { catalogGauges } from "./catalog-gauges.js";
import type { Instruments } from "./instruments.js";
import { showHosts } from "./observe.js";
import { openStatusServer, type StatusServer } from "./status-server.js";

/** How a service is at the moment. */
export interface ServiceState {
  readonly catalogAnswers: boolean;
  /** Whether requests on the bus reach it; unset without a bus. */
  readonly busListens: boolean | undefined;
  /** The hosts with agents that were heard of; unset where there are none by configuration. */
  readonly hosts: readonly HostView[] | undefined;
  readonly draining: boolean;
}

/**
 * Serves metrics and readiness of a service. It is ready while its catalog answers, its bus (if it has one) reaches it, and it is not
 * draining; a host that is away does not make the service unready, for the others are served.
 * @param listen - `host:port` on this machine
 * @throws Refusal INVALID_ARGUMENT when nothing can listen there
 */
export async function openServiceStatus(
  listen: string,
  instruments: Instruments,
  catalog: Pick<Catalog, "tally">,
  state: () => ServiceState,
): Promise<StatusServer> {
  const count = catalogGauges(catalog, instruments, () => new Date());
  return await openStatusServer({
    listen,
    registry: instruments.registry,
    async refresh() {
      const { catalogAnswers, busListens, hosts } = state();
      instruments.catalogUp.set(catalogAnswers ? 1 : 0);
      if (busListens !== undefined) instruments.busUp.set(busListens ? 1 : 0);
      if (hosts !== undefined) showHosts(instruments, hosts);
      if (catalogAnswers) await count();
    },
    readiness() {
      const { catalogAnswers, busListens, hosts, draining } = state();
      const allThere = hosts?.every((host) => host.state === "PRESENT");
      return {
        ready: catalogAnswers && busListens !== false && !draining,
        parts: { catalog: word(catalogAnswers), bus: word(busListens), hosts: word(allThere), calls: word(!draining) },
      };
    },
  });
}

function word(up: boolean | undefined): "up" | "down" | "absent" {
  if (up === undefined) return "absent";
  return up ? "up" : "down";
}
