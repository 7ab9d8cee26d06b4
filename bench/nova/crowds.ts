import { z } from "zod";
import { Sample } from "#bench/sample.js";
import type { NovaCloud } from "#integration/rigs/nova-cloud.js";
import { until } from "#integration/rigs/wait.js";
import { flavors, WAYS, type Way } from "./boots.js";

const servers = z.object({ servers: z.array(z.object({ id: z.string(), status: z.string() })) });

/** Asks for many servers in one request, each way in turn, and gives the drives a second; nova's driver is the fake one. */
export async function crowds(cloud: NovaCloud, rounds: number, crowd: number): Promise<Readonly<Record<Way, Sample>>> {
  const flavorOf = await flavors(cloud);
  const unlimited = { instances: -1, cores: -1, ram: -1 };
  await cloud.api.call("PUT", "/os-quota-class-sets/default", { quota_class_set: unlimited });
  const rates = { stock: new Sample(), ours: new Sample() };
  for (let round = -1; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
      const rate = await spawn(cloud, flavorOf[way], round < 0 ? 4 : crowd);
      if (round >= 0) rates[way].add(rate);
    }
  }
  return rates;
}

async function spawn(cloud: NovaCloud, flavorRef: string, crowd: number): Promise<number> {
  const start = performance.now();
  await cloud.create({ name: "crowd", flavorRef, min_count: crowd });
  const listed = async () => servers.parse(await cloud.api.call("GET", "/servers/detail")).servers;
  await until(
    600_000,
    `${crowd} servers to be ACTIVE`,
    async () => {
      const all = await listed();
      const failed = all.find(({ status }) => status === "ERROR");
      if (failed !== undefined) throw new Error(`server ${failed.id} is in ERROR`);
      return all.length === crowd && all.every(({ status }) => status === "ACTIVE");
    },
    250,
  );
  const rate = (crowd * 1000) / (performance.now() - start);
  for (const { id } of await listed()) await cloud.api.call("DELETE", `/servers/${id}`);
  await until(600_000, "the servers to be gone", async () => (await listed()).length === 0, 500);
  return rate;
}
