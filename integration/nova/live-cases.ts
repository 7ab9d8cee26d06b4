import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";
import { until } from "../rigs/wait.js";
import { agreesOn, nothingOn, otherThan } from "./agreement.js";
import { guestDigests, novaPath, ownDriveId, shownInDomain } from "./drive-view.js";
import type { Setting } from "./setting.js";

const TO_ANY = { "os-migrateLive": { host: null, block_migration: "auto" } };

/** A server goes to another host as it runs, and its disks with it: what it reads of its drive there is what it read here. */
export function liveCases(setting: () => Setting, full: boolean): void {
  test("a live migration brings the drive, and the next hard reboot has it too", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "live" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    await agreesOn(cloud, id, home);

    await migrate(cloud, id, away);
    await agreesOn(cloud, id, away, { running: true });
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    await agreesOn(cloud, id, away);
    await cloud.api.delete(id);
    await nothingOn(cloud, away, id);
  }, 900_000);

  if (!full) return;

  refusedLiveCase(setting, "ACTIVE");

  test("a drive that was taken away stays away over a live migration, and comes back on the other host", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "live without" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    await agreesOn(cloud, id, home);
    const born = await guestDigests(cloud, id);
    await cloud.drive(home, "detach", ownDriveId(id));
    await migrate(cloud, id, away);
    expect(await shownInDomain(cloud, away, id)).toBe(false);
    await cloud.drive(away, "attach", ownDriveId(id), id);
    await agreesOn(cloud, id, away, { running: true });
    expect(await guestDigests(cloud, id, true)).toEqual(born);
    await cloud.api.delete(id);
  }, 900_000);

  test("a drive that nova built itself is brought, too", async () => {
    const { cloud } = setting();
    for (const host of cloud.computes) await cloud.configure(host, "enabled = false");
    try {
      const id = await cloud.boot({ name: "stock" });
      const home = await cloud.hostOf(id);
      const away = otherThan(cloud, home);
      const born = await guestDigests(cloud, id);
      await migrate(cloud, id, away);
      expect(await guestDigests(cloud, id, true)).toEqual(born);
      await cloud.api.delete(id);
    } finally {
      for (const host of cloud.computes) await cloud.configure(host, "");
    }
  }, 900_000);
}

/**
 * libvirt refuses a live migration, and the server and its drive stay where they are.
 * @param status what this nova calls the server afterwards
 */
export function refusedLiveCase(setting: () => Setting, status: "ACTIVE" | "ERROR"): void {
  test("a live migration that fails leaves the drive where it was, and nothing at the destination", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "stays" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    await agreesOn(cloud, id, home);
    await migrateRefused(cloud, id, home, status);
    await agreesOn(cloud, id, home);
    await nothingOn(cloud, away, id);
    if (status === "ERROR") await cloud.act(id, { "os-resetState": { state: "active" } }, "ACTIVE");
    await migrate(cloud, id, away);
    await agreesOn(cloud, id, away, { running: true });
    await cloud.api.delete(id);
  }, 900_000);
}

/** nova 34 without the plugin: the status is nova's own doing. Fails once a nova is run that has mended it. */
export function stockRefusedLiveCase(setting: () => Setting): void {
  test("nova alone has a server in ERROR whose live migration libvirt refused, where it was and with its drive", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "stays" });
    const home = await cloud.hostOf(id);
    const born = await guestDigests(cloud, id);
    await migrateRefused(cloud, id, home, "ERROR");
    expect((await cloud.hostOf(id)).name).toBe(home.name);
    expect(await guestDigests(cloud, id)).toEqual(born);
    await cloud.api.delete(id);
  }, 900_000);
}

/** nova 31 without the plugin: it says that all is well, and the drive is gone. Fails once a nova is run that has mended it. */
export function stockLiveCases(setting: () => Setting): void {
  test("nova alone loses the drive in a live migration", async () => {
    const { cloud } = setting();
    const id = await cloud.boot({ name: "lost" });
    const away = otherThan(cloud, await cloud.hostOf(id));
    const born = await guestDigests(cloud, id);
    expect(born.has("openstack/latest/meta_data.json")).toBe(true);
    await migrate(cloud, id, away);
    const zeros = await cloud.run(away, "sh", "-c", `tr -d '\\0' < ${novaPath(id)} | wc -c`);
    expect(zeros.trim()).toBe("0");
    await cloud.api.delete(id);
  }, 900_000);
}

/** Has libvirt refuse a server's live migration, after nova has prepared the destination: to the host that it is on. */
async function migrateRefused(cloud: NovaCloud, id: string, home: ComputeHost, status: string): Promise<void> {
  const { name } = otherThan(cloud, home);
  await cloud.run(home, "sh", "-c", `cp /etc/hosts /tmp/hosts; echo "127.0.0.1 ${name}" >> /etc/hosts`);
  try {
    await cloud.api.act(id, TO_ANY);
    await cloud.told(cloud.api.settled(id, status));
  } finally {
    await cloud.run(home, "sh", "-c", "cat /tmp/hosts > /etc/hosts");
  }
}

/** Has a server go to a host as it runs. */
export async function migrate(cloud: NovaCloud, id: string, to: ComputeHost): Promise<void> {
  await cloud.api.act(id, TO_ANY);
  await cloud.told(
    until(
      400_000,
      `server ${id} to be on ${to.name}`,
      async () => {
        const now = await cloud.api.show(id);
        if (now["OS-EXT-STS:task_state"] !== null) return false;
        return now["OS-EXT-SRV-ATTR:host"] === to.name && now.status === "ACTIVE";
      },
      300,
    ),
  );
}
