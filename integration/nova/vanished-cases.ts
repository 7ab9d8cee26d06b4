import { until } from "../rigs/wait.js";
import { driveOf, knowsDrive, ownDriveId } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** Of the service's configuration: it asks nova for its instances, as nova's administrator. */
export const LOOKING = `[nova_api]
endpoint_override = http://controller:8774/v2.1
auth_url = http://controller:5000
username = admin
password = rig
project_name = demo
look_interval = 10
`;

/** Instances that go without a word from any nova-compute. */
export function vanishedCases(setting: () => Setting): void {
  /** The lines of a log on the compute host that have some words. */
  const said = (words: string, log: string) => {
    const { cloud, host } = setting();
    return cloud.run(host, "sh", "-c", 'grep "$0" "$1" || true', words, log);
  };

  test("a server that is deleted while no host has it is found gone by asking nova, and no other one", async () => {
    const { cloud, host } = setting();
    const kept = await cloud.boot({ name: "kept" });
    const id = await cloud.boot({ name: "vanished" });
    await cloud.act(id, { shelve: null }, "SHELVED_OFFLOADED");
    // nova calls it offloaded some time before it forgets the host, and until then has the host delete it.
    const isNowhere = async () => (await cloud.api.show(id))["OS-EXT-SRV-ATTR:host"] === null;
    await until(30_000, "nova to forget the host of the server", isNowhere, 200);
    expect(await knowsDrive(cloud, host, id)).toBe(true);
    await cloud.api.delete(id);
    const isGone = async () => !(await knowsDrive(cloud, host, id));
    await cloud.told(until(60_000, "the drive to be gone with its server", isGone, 300));
    // It is told once it is done.
    const words = await until(30_000, "the service to tell of it", async () => {
      const told = await said("nova no longer has", "/var/log/nova/configdrive.log");
      return told.includes(id) && told;
    });
    expect(words).toContain(`"deleted":["${ownDriveId(id)}"]`);
    expect(words).not.toContain(kept);
    expect(await said("Terminating instance", "/var/log/nova/nova-compute.log")).not.toContain(id);
    expect(await driveOf(cloud, host, kept)).toMatchObject({ pending_generation: 1 });
    await cloud.api.delete(kept);
  }, 300_000);
}
