import { Sample } from "#bench/sample.js";
import { deviceWithLabel, fileDigests } from "#integration/rigs/guest-view.js";
import type { NovaCloud } from "#integration/rigs/nova-cloud.js";

/** How a server's drive is built: by nova itself, or by the service. */
export type Way = "stock" | "ours";
export const WAYS: readonly Way[] = ["stock", "ours"];

/** What a boot took, in milliseconds. */
export interface Boot<Figure = Sample> {
  /** From the request to nova's API until the guest has read every file of its drive. */
  readonly read: Figure;
  /** nova's own figure of its driver's spawn, to a hundredth of a second; the drive is built within it. */
  readonly spawn: Figure;
  /** From nova's word that it makes the drive until the drive is in its place: the one step that differs. */
  readonly drive: Figure;
}

/** What the boots took each way, and in each round the one of ours longer than nova's. */
export interface Boots extends Readonly<Record<Way, Boot>> {
  readonly added: Boot;
}

/** Of a cloud whose boots are measured: nova says at which moment its mkisofs ended. */
export const MEASURED = { OS_DEFAULT__DEBUG: "true" };

export const FIGURES = ["read", "spawn", "drive"] as const;

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
export async function boots(cloud: NovaCloud, rounds: number): Promise<Boots> {
  const flavorOf = await flavors(cloud);
  const taken = { stock: empty(), ours: empty(), added: empty() };
  for (let round = -1; round < rounds; round += 1) {
    const of = await pair(cloud, flavorOf, round % 2 !== 0);
    if (round < 0) continue;
    for (const figure of FIGURES) {
      for (const way of WAYS) taken[way][figure].add(of[way][figure]);
      taken.added[figure].add(of.ours[figure] - of.stock[figure]);
    }
  }
  return taken;
}

async function pair(
  cloud: NovaCloud,
  { stock, ours }: Readonly<Record<Way, string>>,
  oursFirst: boolean,
): Promise<Readonly<Record<Way, Boot<number>>>> {
  // An object's members are made in the order in which they stand.
  if (oursFirst) return { ours: await boot(cloud, ours), stock: await boot(cloud, stock) };
  return { stock: await boot(cloud, stock), ours: await boot(cloud, ours) };
}

function empty(): Boot {
  return { read: new Sample(), spawn: new Sample(), drive: new Sample() };
}

async function boot(cloud: NovaCloud, flavorRef: string): Promise<Boot<number>> {
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
  const log = await cloud.run(host, "grep", id, "/var/log/nova/nova-compute.log");
  await cloud.api.delete(id);
  return { read, ...spawnIn(log) };
}

/** What nova-compute's log tells of the spawn of a server. @throws Error where it does not */
function spawnIn(log: string): Pick<Boot<number>, "spawn" | "drive"> {
  const seconds = /Took ([0-9.]+) seconds to spawn/.exec(log)?.[1];
  const begun = momentOf(log, /Creating config drive at/);
  const ended = momentOf(log, /CMD "(genisoimage|mkisofs) .* returned: 0|configdrive: drive .*, generation 1$/);
  if (seconds === undefined || begun === undefined || ended === undefined) {
    throw new Error(`nova-compute's log does not tell what a spawn took:\n${log}`);
  }
  return { spawn: Number(seconds) * 1000, drive: ended - begun };
}

/** When a line was written that matches: a log of nova's has milliseconds. */
function momentOf(log: string, pattern: RegExp): number | undefined {
  const line = log.split("\n").find((text) => pattern.test(text));
  return line === undefined ? undefined : Date.parse(`${line.slice(0, 23).replace(" ", "T")}Z`);
}
