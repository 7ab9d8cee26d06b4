import { until } from "../rigs/wait.js";
import { knowsDrive } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** Of nova's configuration, on every machine: a deleted server is kept for so many seconds. */
export const RECLAIMING = { OS_DEFAULT__RECLAIM_INSTANCE_INTERVAL: "1" };

/** Servers that nova deletes later than its users do. */
export function reclaimCases(setting: () => Setting): void {
  test("a server that nova kept after its delete and then reclaimed takes its drive along", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "kept a while" });
    expect(await knowsDrive(cloud, host, id)).toBe(true);
    // nova looks for what it may reclaim once a minute.
    await cloud.api.delete(id, 240_000);
    await until(30_000, "the drive to be gone with its server", async () => !(await knowsDrive(cloud, host, id)), 300);
    const reclaimed = "grep -c 'Reclaiming deleted instance' /var/log/nova/nova-compute.log";
    expect((await cloud.run(host, "sh", "-c", reclaimed)).trim()).toBe("1");
  }, 400_000);
}
