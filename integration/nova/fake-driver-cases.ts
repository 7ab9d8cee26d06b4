import { until } from "../rigs/wait.js";
import { digestOnHost, driveOf, knowsDrive, novaPath } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** nova without a hypervisor: the service builds the drive and lets it go again, and nobody has it in between. */
export function fakeDriverCases(setting: () => Setting): void {
  test("a server without a hypervisor has its drive built by the service, and takes it along", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "fake" });
    const { generations, ...drive } = await driveOf(cloud, host, id);
    expect(drive).toMatchObject({ project_id: "demo", pending_generation: 1, applied_generation: 0, attachments: [] });
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(generations[0]?.sha256);
    expect(await cloud.run(host, "blkid", "-o", "value", "-s", "LABEL", novaPath(id))).toBe("config-2\n");

    await cloud.act(id, { rebuild: { imageRef: cloud.image } }, "ACTIVE");
    const rebuilt = await driveOf(cloud, host, id);
    expect(rebuilt.pending_generation).toBe(2);
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(rebuilt.generations.at(-1)?.sha256);

    await cloud.api.delete(id);
    await expect(cloud.run(host, "ls", novaPath(id))).rejects.toThrow("No such file");
    await until(30_000, "the drive to be gone with its server", async () => !(await knowsDrive(cloud, host, id)), 300);
  }, 300_000);
}
