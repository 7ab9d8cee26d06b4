import { until } from "../rigs/wait.js";
import { agreesOn, nothingOn } from "./agreement.js";
import { digestOnHost, driveOf, guestDigests, novaPath, ownDriveId, stageNote } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** A server is off, on a shelf or in a rescue system for a while: its drive is there again when it is back. */
export function restCases(setting: () => Setting): void {
  test("a shelved server has its drive nowhere, and a new generation of it where it is unshelved", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "shelved" });
    const home = await cloud.hostOf(id);
    await agreesOn(cloud, id, home);
    await cloud.act(id, { shelve: null }, "SHELVED_OFFLOADED");
    await nothingOn(cloud, home, id);
    await until(30_000, "nobody to have the drive", async () => {
      return (await driveOf(cloud, home, id)).attachments.length === 0;
    });
    await cloud.act(id, { unshelve: null }, "ACTIVE");
    const { pending_generation } = await agreesOn(cloud, id, await cloud.hostOf(id));
    expect(pending_generation).toBe(2);
    await cloud.api.delete(id);
  }, 900_000);

  test("a rescue system has a drive of its own, and the server its own again after it", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "rescued" });
    const home = await cloud.hostOf(id);
    const born = await agreesOn(cloud, id, home);
    await cloud.act(id, { rescue: { rescue_image_ref: cloud.image } }, "RESCUE");
    expect((await guestDigests(cloud, id)).has("openstack/latest/meta_data.json")).toBe(true);
    expect(await digestOnHost(cloud, home, novaPath(id))).toBe(born.generations[0]?.sha256);
    await expect(cloud.drive(home, "detach", ownDriveId(id))).rejects.toThrow(/INSTANCE_BUSY/);
    await cloud.act(id, { unrescue: null }, "ACTIVE");
    const { generations } = await agreesOn(cloud, id, home);
    expect(generations).toEqual(born.generations);
    await cloud.api.delete(id);
  }, 900_000);

  test("a paused and a suspended server read the same drive when they go on", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "at rest" });
    const home = await cloud.hostOf(id);
    await agreesOn(cloud, id, home);
    await cloud.act(id, { pause: null }, "PAUSED");
    await cloud.act(id, { unpause: null }, "ACTIVE");
    await agreesOn(cloud, id, home, { running: true });
    await cloud.act(id, { suspend: null }, "SUSPENDED");
    await cloud.act(id, { resume: null }, "ACTIVE");
    await agreesOn(cloud, id, home, { running: true });
    await cloud.api.delete(id);
  }, 900_000);

  test("a drive whose file is gone is there again at the next start and at a hard reboot", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "without a file" });
    const home = await cloud.hostOf(id);
    const born = await agreesOn(cloud, id, home);
    await cloud.act(id, { "os-stop": null }, "SHUTOFF");
    await cloud.run(home, "rm", novaPath(id));
    await cloud.act(id, { "os-start": null }, "ACTIVE");
    await agreesOn(cloud, id, home);
    await cloud.run(home, "rm", novaPath(id));
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    const { generations } = await agreesOn(cloud, id, home);
    expect(generations).toEqual(born.generations);
    await cloud.api.delete(id);
  }, 900_000);

  test("new content that was staged while a server was off is what it reads when it is started", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "pending" });
    const home = await cloud.hostOf(id);
    await agreesOn(cloud, id, home);
    await cloud.act(id, { "os-stop": null }, "SHUTOFF");
    await stageNote(cloud, home, ownDriveId(id), "for the next start");
    await cloud.act(id, { "os-start": null }, "ACTIVE");
    await agreesOn(cloud, id, home);
    expect([...(await guestDigests(cloud, id)).keys()]).toEqual(["note"]);
    await cloud.api.delete(id);
  }, 900_000);
}
