import { agreesOn, nothingOn, otherThan } from "./agreement.js";
import { driveOf, guestDigests, ownDriveId, shownInDomain } from "./drive-view.js";
import type { Setting } from "./setting.js";

const LARGER = { id: "larger", name: "larger", ram: 224, vcpus: 1, disk: 1 };
const SCSI = { hw_cdrom_bus: "scsi", hw_scsi_model: "virtio-scsi" };

/** A server goes to another host while it is off: its drive goes along, and the catalog knows. */
export function moveCases(setting: () => Setting, full: boolean): void {
  test("a cold migration is taken back, done again and kept, and the drive is where the server is", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "moved" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    const born = await agreesOn(cloud, id, home);

    await cloud.act(id, { migrate: null }, "VERIFY_RESIZE");
    await agreesOn(cloud, id, away, { from: home });
    await cloud.act(id, { revertResize: null }, "ACTIVE");
    await agreesOn(cloud, id, home);

    await cloud.act(id, { migrate: null }, "VERIFY_RESIZE");
    await cloud.act(id, { confirmResize: null }, "ACTIVE");
    const { generations } = await agreesOn(cloud, id, away);
    expect(generations).toEqual(born.generations);
    await cloud.api.delete(id);
    await nothingOn(cloud, away, id);
  }, 900_000);

  if (!full) return;

  test("a resize is taken back, done again and kept, and the drive is the same", async () => {
    const { cloud } = setting();
    await cloud.api.call("POST", "/flavors", { flavor: LARGER });
    const id = await cloud.boot({ name: "resized" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    const born = await agreesOn(cloud, id, home);

    await cloud.act(id, { resize: { flavorRef: LARGER.id } }, "VERIFY_RESIZE");
    await agreesOn(cloud, id, away, { from: home });
    await cloud.act(id, { revertResize: null }, "ACTIVE");
    await agreesOn(cloud, id, home);

    await cloud.act(id, { resize: { flavorRef: LARGER.id } }, "VERIFY_RESIZE");
    await cloud.act(id, { confirmResize: null }, "ACTIVE");
    const { generations } = await agreesOn(cloud, id, away);
    expect(generations).toEqual(born.generations);
    await cloud.api.delete(id);
  }, 900_000);

  test.each([
    { name: "a cdrom on ide", image: {} },
    { name: "a cdrom on scsi", image: SCSI },
  ])(
    "$name that was taken away stays away over a cold migration, and comes back on the other host",
    async ({ image }) => {
      const { cloud } = setting();
      const id = await cloud.boot({ name: "without", imageRef: await cloud.guestImage(image) });
      const home = await cloud.hostOf(id);
      const away = otherThan(cloud, home);
      await agreesOn(cloud, id, home);
      const born = await guestDigests(cloud, id);
      await cloud.drive(home, "detach", ownDriveId(id));

      await cloud.act(id, { migrate: null }, "VERIFY_RESIZE");
      await cloud.act(id, { confirmResize: null }, "ACTIVE");
      {
        using guest = await cloud.guest(id);
        expect((await guest.run("blkid -c /dev/null -t LABEL=config-2")).exitCode).not.toBe(0);
      }
      expect(await shownInDomain(cloud, away, id)).toBe(false);
      expect((await driveOf(cloud, away, id)).attachments).toEqual([]);

      await cloud.drive(away, "attach", ownDriveId(id), id);
      const { pending_generation } = await agreesOn(cloud, id, away);
      expect(pending_generation).toBe(1);
      expect(await guestDigests(cloud, id)).toEqual(born);
      await cloud.api.delete(id);
    },
    900_000,
  );
}
