import { killHost, startHost } from "../rigs/nova-host.js";
import { until } from "../rigs/wait.js";
import { agreesOn, nothingOn, otherThan } from "./agreement.js";
import { driveOf, knowsDrive, ownDriveId, shownInDomain } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** A compute host loses its power, and comes back. */
export function awayCases(setting: () => Setting): void {
  test("an evacuated server has a drive on its new host, and the old host keeps nothing when it is back", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "evacuated" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    await agreesOn(cloud, id, home);
    await killHost(cloud, home);
    try {
      await cloud.api.act(id, { evacuate: {} });
      await until(180_000, `server ${id} to be on ${away.name}`, async () => {
        const now = await cloud.api.show(id);
        return now["OS-EXT-SRV-ATTR:host"] === away.name && now["OS-EXT-STS:task_state"] === null;
      });
      await cloud.told(cloud.api.settled(id, "ACTIVE"));
    } finally {
      await startHost(cloud, home);
    }
    await nothingOn(cloud, home, id);
    await agreesOn(cloud, id, away);
    await cloud.api.delete(id);
  }, 900_000);

  test("a server that is deleted while its host is away is gone with its drive when the host is back", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "deleted" });
    const home = await cloud.hostOf(id);
    await agreesOn(cloud, id, home);
    await killHost(cloud, home);
    try {
      await cloud.api.delete(id);
    } finally {
      await startHost(cloud, home);
    }
    await nothingOn(cloud, home, id);
    await until(60_000, "the drive to be gone with its server", async () => !(await knowsDrive(cloud, home, id)), 300);
  }, 900_000);

  test("what a killed nova-compute had claimed is free when it is back, and what the service wanted is done", async () => {
    const { cloud } = setting();
    const image = await cloud.guestImage({ hw_cdrom_bus: "scsi", hw_scsi_model: "virtio-scsi" });
    const id = await cloud.boot({ name: "claimed", imageRef: image });
    const home = await cloud.hostOf(id);
    await agreesOn(cloud, id, home);
    // A guest that stands still lets go of nothing, so nova-compute waits for it.
    await cloud.run(home, "virsh", "-c", "qemu:///system", "qemu-monitor-command", id, "--hmp", "stop");
    const detached = expect(cloud.drive(home, "detach", ownDriveId(id))).rejects.toThrow(/HOST_UNREACHABLE/);
    const state = async () => (await cloud.api.show(id))["OS-EXT-STS:task_state"];
    await until(30_000, "nova-compute to claim the server", async () => (await state()) === "configdrive_hiding");
    await killHost(cloud, home);
    await detached;
    expect(await state()).toBe("configdrive_hiding");
    await startHost(cloud, home);
    await until(30_000, "the claim to be taken back", async () => (await state()) === null);
    await until(60_000, "the drive to be taken away", async () => {
      return (await driveOf(cloud, home, id)).attachments.length === 0;
    });
    expect(await shownInDomain(cloud, home, id)).toBe(false);
    await cloud.api.delete(id);
  }, 900_000);
}
