import type { Service } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";

/** Waits until the service's log has a line with this event. */
export async function logged(service: Service, event: string): Promise<void> {
  await until(60_000, `event ${event} in the log`, async () => (await service.logged()).includes(`"event":"${event}"`));
}
