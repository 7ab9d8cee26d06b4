import type { Instruments } from "./instruments.js";
import { openStatusServer, type StatusServer } from "./status-server.js";

/**
 * Serves metrics and readiness of an agent, which is ready while services reach it over the bus.
 * @param listen - `host:port` on this machine
 * @throws Refusal INVALID_ARGUMENT when nothing can listen there
 */
export async function openAgentStatus(
  listen: string,
  instruments: Instruments,
  busListens: () => boolean,
): Promise<StatusServer> {
  return await openStatusServer({
    listen,
    registry: instruments.registry,
    refresh: async () => instruments.busUp.set(busListens() ? 1 : 0),
    readiness: () => ({ ready: busListens(), parts: { bus: busListens() ? "up" : "down" } }),
  });
}
