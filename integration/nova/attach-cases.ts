import { blockDevices } from "../rigs/guest-view.js";
import { guestDigests, inspectedDigests, ownDriveId, shownInDomain, stageNote } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** What the cases run over: a cdrom that a guest can only be emptied of, and one that comes and goes. */
const FORMS = [
  { name: "a cdrom on ide", image: {}, leavesTray: true },
  { name: "a cdrom on scsi", image: { hw_cdrom_bus: "scsi", hw_scsi_model: "virtio-scsi" }, leavesTray: false },
] as const;

/** A server's own drive comes, goes and changes while the server lives, by the calls of any other drive. */
export function attachCases(setting: () => Setting, full: boolean): void {
  test.each(full ? FORMS : FORMS.slice(1))(
    "$name is taken away, stays away, comes back and changes",
    async ({ image, leavesTray }) => {
      const { cloud, host } = setting();
      const id = await cloud.boot({ name: "attached", imageRef: await cloud.guestImage(image) });
      const driveId = ownDriveId(id);
      const born = await guestDigests(cloud, id);

      await cloud.drive(host, "detach", driveId);
      {
        using guest = await cloud.guest(id);
        expect((await blockDevices(guest)).includes("sr0")).toBe(leavesTray);
        const { exitCode } = await guest.run("blkid -c /dev/null -t LABEL=config-2");
        expect(exitCode).not.toBe(0);
      }
      expect(await shownInDomain(cloud, host, id)).toBe(false);
      await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
      expect(await shownInDomain(cloud, host, id)).toBe(false);

      await cloud.drive(host, "attach", driveId, id);
      expect(await guestDigests(cloud, id)).toEqual(born);

      await stageNote(cloud, host, driveId, "changed while the guest runs");
      await cloud.drive(host, "refresh", driveId);
      const changed = await inspectedDigests(cloud, host, id);
      expect([...changed.keys()]).toEqual(["note"]);
      expect(await guestDigests(cloud, id)).toEqual(changed);
      await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
      expect(await guestDigests(cloud, id)).toEqual(changed);
      await cloud.api.delete(id);
    },
    400_000,
  );

  if (!full) return;
  test("a server in a state in which nova plugs nothing is refused, and its drive stays as it is", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "paused" });
    await cloud.act(id, { pause: null }, "PAUSED");
    await expect(cloud.drive(host, "detach", ownDriveId(id))).rejects.toThrow(/INSTANCE_BUSY/);
    expect(await shownInDomain(cloud, host, id)).toBe(true);
    await cloud.act(id, { unpause: null }, "ACTIVE");
    await cloud.drive(host, "detach", ownDriveId(id));
    expect(await cloud.api.show(id)).toMatchObject({ status: "ACTIVE", "OS-EXT-STS:task_state": null });
    await cloud.api.delete(id);
  }, 300_000);
}
