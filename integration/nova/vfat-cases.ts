import { blockDevices } from "../rigs/guest-view.js";
import { until } from "../rigs/wait.js";
import { CHANGED, changeServer, metadataIn } from "./current-cases.js";
import { digestOnHost, driveOf, guestDigests, inspectedDigests, novaPath, ownDriveId } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** nova with `config_drive_format = vfat`: the drive is a virtio disk of 64 MiB, which comes and goes as a whole. */
export function vfatCases(setting: () => Setting): void {
  test("a drive that is a vfat disk is built, taken away, stays away, comes back and changes", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "vfat", metadata: { colour: "red" } });
    const driveId = ownDriveId(id);
    const { generations, attachments } = await until(60_000, "the service to know who has the drive", async () => {
      const now = await driveOf(cloud, host, id);
      return now.attachments.length > 0 && now;
    });
    expect(attachments).toMatchObject([{ device: { kind: "DEVICE_KIND_DISK", bus: "DEVICE_BUS_VIRTIO" } }]);
    expect(generations).toMatchObject([{ size_bytes: 64 << 20 }]);
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(generations[0]?.sha256);
    const read = await guestDigests(cloud, id);
    expect(read).toEqual(await inspectedDigests(cloud, host, id));

    await cloud.drive(host, "detach", driveId);
    {
      using guest = await cloud.guest(id);
      expect(await blockDevices(guest)).toEqual(["vda"]);
    }
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    {
      using guest = await cloud.guest(id);
      expect(await blockDevices(guest)).toEqual(["vda"]);
    }
    await cloud.drive(host, "attach", driveId, id);
    expect(await guestDigests(cloud, id)).toEqual(read);

    await changeServer(cloud, id);
    await cloud.drive(host, "refresh", driveId, "--rerender");
    expect(await metadataIn(cloud, id)).toMatchObject(CHANGED);
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(
      (await driveOf(cloud, host, id)).generations.at(-1)?.sha256,
    );
    await cloud.api.delete(id);
  }, 400_000);
}
