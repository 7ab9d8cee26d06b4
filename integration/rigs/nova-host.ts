import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { ComputeHost, NovaCloud } from "./nova-cloud.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const services = z.object({
  services: z.array(
    z.object({ id: z.string(), host: z.string(), state: z.string(), updated_at: z.string().nullable() }),
  ),
});
type Service = z.infer<typeof services>["services"][number];

/**
 * A compute host loses its power, with all that ran on it. nova is told so, as what watches hosts tells it before an evacuation.
 * Ends when our service knows, too.
 */
export async function killHost(cloud: NovaCloud, host: ComputeHost): Promise<void> {
  await run("docker", ["kill", host.container.getId()]);
  const { id } = await serviceOn(cloud, host);
  await cloud.api.call("PUT", `/os-services/${id}`, { forced_down: true });
  await until(300_000, `the agent of ${host.name} to be AWAY`, () => cloud.agentsAre("AWAY", [host.name]), 200);
}

/** Switches a compute host on again. Ends when its nova-compute has been heard, nova takes it for up, and our service knows. */
export async function startHost(cloud: NovaCloud, host: ComputeHost): Promise<void> {
  const { id, updated_at: heardBefore } = await serviceOn(cloud, host);
  await run("docker", ["start", host.container.getId()]);
  const isHeard = async () => (await serviceOn(cloud, host)).updated_at !== heardBefore;
  await cloud.told(until(300_000, `nova-compute on ${host.name} to be heard`, isHeard, 200));
  // nova refuses it until what was evacuated from the host is gone there.
  const isAllowed = async () => {
    await cloud.api.call("PUT", `/os-services/${id}`, { forced_down: false }).catch(() => undefined);
    return (await serviceOn(cloud, host)).state === "up" && (await cloud.agentsAre("PRESENT", [host.name]));
  };
  await cloud.told(until(300_000, `${host.name} to be up and its agent PRESENT`, isAllowed, 300));
}

async function serviceOn(cloud: NovaCloud, { name }: ComputeHost): Promise<Service> {
  const answer = services.parse(await cloud.api.call("GET", "/os-services?binary=nova-compute"));
  const found = answer.services.find((service) => service.host === name);
  if (found === undefined) throw new Error(`nova has no nova-compute on ${name}`);
  return found;
}
