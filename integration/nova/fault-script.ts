import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";
import { restartBroker, startService } from "../rigs/nova-faults.js";
import { until } from "../rigs/wait.js";
import { digestOnHost, driveOf, guestDigests, knowsDrive, novaPath, ownDriveId } from "./drive-view.js";
import { type ServerState, stateOf } from "./server-state.js";

/** Servers by what befell them, as they were found after it. */
export type Found = Readonly<Record<string, ServerState>>;

/**
 * The same servers under the same faults, on a cloud with our driver or on one with nova's own: what nova says of each afterwards.
 * @param ours our driver: its drives come and go, too
 */
export async function faultScript(cloud: NovaCloud, ours: boolean): Promise<Found> {
  const [host] = cloud.computes;
  if (host === undefined) throw new Error("the cloud has no compute host");
  const found: Record<string, ServerState> = {};
  const steady = await cloud.boot({ name: "steady" });
  if (ours) await until(60_000, "the service to know who has the drive", () => isAttached(cloud, host, steady));

  const orphaned = await killedDuringSpawn(cloud, host, ours);
  found["the service was killed during its spawn"] = await stateOf(cloud, orphaned);

  await brokerDuringAttach(cloud, host, steady, ours);
  found["the broker was restarted while its drive was attached"] = await stateOf(cloud, steady);

  // A minute without the service: a hard reboot, a delete and a spawn fall into it.
  await signal(cloud, host, "STOP");
  const end = Date.now() + 60_000;
  await cloud.act(steady, { reboot: { type: "HARD" } }, "ACTIVE");
  await cloud.api.delete(orphaned);
  const late = await cloud.boot({ name: "late" });
  const built = await digestOnHost(cloud, host, novaPath(late));
  await until(90_000, "the minute to be over", async () => Date.now() >= end, 500);
  await signal(cloud, host, "CONT");
  if (ours) {
    await until(60_000, "the late build", () => knowsDrive(cloud, host, late), 300);
    await until(120_000, "the delete to be told", async () => !(await knowsDrive(cloud, host, orphaned)), 300);
  }
  expect(await digestOnHost(cloud, host, novaPath(late))).toBe(built);
  expect((await guestDigests(cloud, late)).has("openstack/latest/meta_data.json")).toBe(true);
  expect((await guestDigests(cloud, steady)).has("openstack/latest/meta_data.json")).toBe(true);
  found["the service was away a minute, with a hard reboot in it"] = await stateOf(cloud, steady);
  found["it fell back, and the answer came late"] = await stateOf(cloud, late);

  for (const id of [steady, late]) {
    await cloud.api.delete(id);
    expect(await cloud.api.allocations(id)).toEqual([]);
    if (ours)
      await until(60_000, `the drive of ${id} to be gone`, async () => !(await knowsDrive(cloud, host, id)), 300);
  }
  expect(await cloud.run(host, "sh", "-c", "ls /var/lib/nova/instances | grep -e - || true")).toBe("");
  return found;
}

/** Boots a server whose service dies with its question in hand, and is started anew when nova is done. */
async function killedDuringSpawn(cloud: NovaCloud, host: ComputeHost, ours: boolean): Promise<string> {
  await signal(cloud, host, "STOP");
  const id = await cloud.create({ name: "orphaned" });
  if (ours) {
    const asked = "grep -c 'no answer to build_instance_drive yet' /var/log/nova/nova-compute.log || true";
    const isAsked = async () => Number(await cloud.run(host, "sh", "-c", asked)) > 0;
    await cloud.told(until(60_000, "nova-compute to have asked", isAsked, 200));
  }
  await signal(cloud, host, "KILL");
  await cloud.told(cloud.api.settled(id, "ACTIVE"));
  await startService(cloud, host);
  return id;
}

/** Takes a server's drive away, and restarts the broker while it comes back. */
async function brokerDuringAttach(cloud: NovaCloud, host: ComputeHost, id: string, ours: boolean): Promise<void> {
  if (!ours) return restartBroker(cloud);
  await cloud.drive(host, "detach", ownDriveId(id));
  // The caller may hear of the broker; what it asked for is done all the same, or asked for again.
  const attaching = cloud.drive(host, "attach", ownDriveId(id), id).then(
    () => true,
    () => false,
  );
  await restartBroker(cloud);
  const isDone = await attaching;
  const again = () => cloud.drive(host, "attach", ownDriveId(id), id).catch(() => undefined);
  await until(120_000, "the drive to be attached", async () => {
    if (await isAttached(cloud, host, id)) return true;
    if (!isDone) await again();
    return false;
  });
  const state = async () => (await cloud.api.show(id))["OS-EXT-STS:task_state"];
  await until(60_000, "nova-compute to have let go of its claim", async () => (await state()) === null);
}

async function isAttached(cloud: NovaCloud, host: ComputeHost, id: string): Promise<boolean> {
  return (await driveOf(cloud, host, id)).attachments.some(({ state }) => state === "ATTACHMENT_STATE_ATTACHED");
}

/** Sends a signal to the service on the compute host. */
async function signal(cloud: NovaCloud, host: ComputeHost, name: string): Promise<void> {
  await cloud.run(host, "pkill", `-${name}`, "-u", "configdrive");
}
