import { deviceWithLabel } from "../rigs/guest-view.js";
import { until } from "../rigs/wait.js";
import { knowsDrive, novaPath, ownDriveId } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** The service does not answer for a while, or is not wanted: what nova does then, and that nothing of it stays. */
export function unavailableCases(setting: () => Setting, full: boolean): void {
  /** Sends a signal to the service on the compute host. */
  const signal = async (name: string) => {
    const { cloud, host } = setting();
    await cloud.run(host, "pkill", `-${name}`, "-u", "configdrive");
  };

  test("a service that does not answer fails the build after its time, and nova says which host had room", async () => {
    const { cloud, host } = setting();
    await signal("STOP");
    let id: string;
    try {
      id = await cloud.create({ name: "unserved" });
      const { fault } = await cloud.told(cloud.api.settled(id, "ERROR"));
      expect(fault?.message).toMatch(/Exhausted all hosts/);
      expect(await cloud.run(host, "sh", "-c", "ls /var/lib/nova/instances")).not.toContain(id);
    } finally {
      await signal("CONT");
    }
    // The build that came too late belongs to the server, and goes with it.
    await until(30_000, "the late build", () => knowsDrive(cloud, host, id), 300);
    await cloud.api.delete(id);
    await expect(cloud.run(host, "ls", novaPath(id))).rejects.toThrow("No such file");
  }, 300_000);

  if (!full) return;
  test("with when_unavailable = build nova builds the drive itself, and the service claims nothing of it", async () => {
    const { cloud, host } = setting();
    await cloud.configure(host, "when_unavailable = build");
    await signal("STOP");
    let id: string;
    try {
      id = await cloud.boot({ name: "fallen back" });
    } finally {
      await signal("CONT");
      await cloud.configure(host, "");
    }
    expect(await cloud.run(host, "head", "-c", "40000", novaPath(id))).toContain("OpenStack Nova");
    {
      using guest = await cloud.guest(id);
      await deviceWithLabel(guest, "config-2");
    }
    await expect(cloud.drive(host, "attach", ownDriveId(id), id)).rejects.toThrow(/not instance|DRIVE_NOT_FOUND/);
    await cloud.api.delete(id);
  }, 300_000);

  test("switched off without a restart, nova is as it was before", async () => {
    const { cloud, host } = setting();
    await cloud.configure(host, "enabled = false");
    try {
      const id = await cloud.boot({ name: "stock" });
      expect(await cloud.run(host, "head", "-c", "40000", novaPath(id))).toContain("OpenStack Nova");
      expect(await knowsDrive(cloud, host, id)).toBe(false);
      await cloud.api.delete(id);
    } finally {
      await cloud.configure(host, "");
    }
  }, 300_000);
}
