import { Sample } from "#bench/sample.js";
import { deviceWithLabel, fileDigests } from "#integration/rigs/guest-view.js";
import type { NovaCloud } from "#integration/rigs/nova-cloud.js";

/** How a server's drive is built: by nova itself, or by the service. */
export type Way = "stock" | "ours";
export const WAYS: readonly Way[] = ["stock", "ours"];

/** What boots took, in milliseconds. */
export interface Boots {
  /** From the request to nova's API until the guest has read every file of its drive. */
  readonly read: Sample;
  /** nova's own figure of its driver's spawn, to a hundredth of a second; the drive is built within it. */
  readonly spawn: Sample;
}

/** The flavor whose servers have their drives built by the service, where `opt_in` is set. */
export const BRIDGED = { id: "bridged", name: "bridged", ram: 192, vcpus: 1, disk: 1 };

/** The flavors of both ways, in a cloud whose compute host has `opt_in`. */
export async function flavors(cloud: NovaCloud): Promise<Readonly<Record<Way, string>>> {
  await cloud.api.call("POST", "/flavors", { flavor: BRIDGED });
  const specs = { extra_specs: { "configdrive:bridge": "true" } };
  await cloud.api.call("POST", `/flavors/${BRIDGED.id}/os-extra_specs`, specs);
  return { stock: "rig", ours: BRIDGED.id };
}

/** Boots servers one after the other, each way in turn and another one first in each round; the first round is forgotten. */
export async function boots(cloud: NovaCloud, rounds: number): Promise<Readonly<Record<Way, Boots>>> {
  const flavorOf = await flavors(cloud);
  const taken = {
    stock: { read: new Sample(), spawn: new Sample() },
    ours: { read: new Sample(), spawn: new Sample() },
  };
  for (let round = -1; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
      const { read, spawn } = await boot(cloud, flavorOf[way]);
      if (round < 0) continue;
      taken[way].read.add(read);
      taken[way].spawn.add(spawn);
    }
  }
  return taken;
}

async function boot(cloud: NovaCloud, flavorRef: string): Promise<{ read: number; spawn: number }> {
  const [host] = cloud.computes;
  if (host === undefined) throw new Error("the cloud has no compute host");
  const start = performance.now();
  const id = await cloud.create({ name: "measured", flavorRef });
  // Looked for on the host: the API would tell it half a second later.
  const booted = 'timeout 240 sh -c "until grep -qs ^ready $0; do sleep 0.02; done"';
  await cloud.told(cloud.run(host, "sh", "-c", booted, `/var/lib/nova/instances/${id}/console.log`));
  {
    using guest = await cloud.guest(id);
    await fileDigests(guest, await deviceWithLabel(guest, "config-2"));
  }
  const read = performance.now() - start;
  await cloud.api.settled(id, "ACTIVE");
  const took = `sed -n 's/.*instance: ${id}\\] Took \\([0-9.]*\\) seconds to spawn.*/\\1/p' /var/log/nova/nova-compute.log`;
  const spawn = Number(await cloud.run(host, "sh", "-c", took)) * 1000;
  await cloud.api.delete(id);
  return { read, spawn };
}
