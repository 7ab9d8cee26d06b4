import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { ComputeHost, NovaCloud } from "./nova-cloud.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const services = z.object({ services: z.array(z.object({ host: z.string(), state: z.string() })) });

/** A compute host loses its power, with all that ran on it. Ends when nova and our service know that it is away. */
export async function killHost(cloud: NovaCloud, host: ComputeHost): Promise<void> {
  await run("docker", ["kill", host.container.getId()]);
  await known(cloud, host, "down", "AWAY");
}

/** Switches a compute host on again. Ends when nova and our service know that it is there. */
export async function startHost(cloud: NovaCloud, host: ComputeHost): Promise<void> {
  await run("docker", ["start", host.container.getId()]);
  await known(cloud, host, "up", "PRESENT");
}

async function known(
  cloud: NovaCloud,
  { name }: ComputeHost,
  state: "up" | "down",
  agent: "PRESENT" | "AWAY",
): Promise<void> {
  await until(300_000, `${name} to be ${state} and its agent ${agent}`, async () => {
    const answer = services.parse(await cloud.api.call("GET", "/os-services?binary=nova-compute"));
    const now = answer.services.find((service) => service.host === name);
    return now?.state === state && (await cloud.agentsAre(agent, [name]));
  });
}
