import { until } from "../rigs/wait.js";
import { digestOnHost, driveOf, guestDigests, inspectedDigests, knowsDrive, novaPath } from "./drive-view.js";
import type { Setting } from "./setting.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A server is born, lives a while and is deleted: its drive comes from the service and goes with it. */
export function spawnCases(setting: () => Setting): void {
  test("a spawn has its drive built by the service, and the guest reads every byte of it", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({
      name: "born",
      metadata: { made: "by the service" },
      user_data: base64("#!/bin/sh\necho hello\n"),
      personality: [{ path: "/etc/hello.txt", contents: base64("hello\n") }],
    });
    const drive = await until(60_000, "the service to know who has the drive", async () => {
      const now = await driveOf(cloud, host, id);
      return now.attachments.length > 0 && now;
    });
    expect(drive).toMatchObject({
      project_id: "demo",
      applied_generation: 1,
      attachments: [{ instance_id: id, host: host.name, device: { kind: "DEVICE_KIND_CDROM", bus: "DEVICE_BUS_IDE" } }],
    });
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(drive.generations[0]?.sha256);
    expect(await cloud.run(host, "stat", "-c", "%a", novaPath(id))).toBe("644\n");
    const expected = await inspectedDigests(cloud, host, id);
    expect(expected.size).toBeGreaterThan(40);
    expect(await guestDigests(cloud, id)).toEqual(expected);

    await cloud.api.delete(id);
    await expect(cloud.run(host, "ls", novaPath(id))).rejects.toThrow("No such file");
    await until(30_000, "the drive to be gone with its server", async () => !(await knowsDrive(cloud, host, id)), 300);
  }, 300_000);
}

/** What nova builds anew is a later generation of the same drive. */
export function rebuildCases(setting: () => Setting): void {
  test("a rebuild is the next generation of the same drive, and a hard reboot changes nothing", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "rebuilt" });
    await cloud.act(id, { rebuild: { imageRef: cloud.image, name: "renamed" } }, "ACTIVE");
    const rebuilt = await until(60_000, "the service to know of the rebuild", async () => {
      const now = await driveOf(cloud, host, id);
      return now.applied_generation === 2 && now;
    });
    const sha256 = rebuilt.generations.at(-1)?.sha256;
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(sha256);
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(sha256);
    expect(await guestDigests(cloud, id)).toEqual(await inspectedDigests(cloud, host, id));
    expect(await driveOf(cloud, host, id)).toMatchObject({ applied_generation: 2, pending_generation: 2 });
    await cloud.api.delete(id);
  }, 300_000);
}
