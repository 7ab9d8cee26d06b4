import { deviceWithLabel } from "../rigs/guest-view.js";
import type { NovaCloud } from "../rigs/nova-cloud.js";
import { driveOf, guestDigests, inspectedDigests, ownDriveId } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** What `changeServer` makes of a server's metadata. */
export const CHANGED = { name: "renamed", meta: { colour: "green" } };

/** A server's name and metadata change while it runs, and reach the drive when somebody asks for it. */
export function currentCases(setting: () => Setting): void {
  test("a changed name and changed metadata reach the guest by a refresh that has nova render the drive anew", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "named", metadata: { colour: "red" } });
    await changeServer(cloud, id);
    expect(await metadataIn(cloud, id)).toMatchObject({ name: "named", meta: { colour: "red" } });
    const driveId = ownDriveId(id);
    await cloud.drive(host, "refresh", driveId, "--rerender");
    expect(await driveOf(cloud, host, id)).toMatchObject({ pending_generation: 2, applied_generation: 2 });
    expect(await metadataIn(cloud, id)).toMatchObject({ uuid: id, ...CHANGED });
    expect(await guestDigests(cloud, id)).toEqual(await inspectedDigests(cloud, host, id));
    await cloud.api.delete(id);
  }, 300_000);
}

/** Gives a server another name and other metadata. */
export async function changeServer(cloud: NovaCloud, id: string): Promise<void> {
  await cloud.api.call("PUT", `/servers/${id}`, { server: { name: CHANGED.name } });
  await cloud.api.call("POST", `/servers/${id}/metadata`, { metadata: CHANGED.meta });
}

/** What the guest finds as its metadata, after it forgot all that it had read. */
export async function metadataIn(cloud: NovaCloud, id: string): Promise<unknown> {
  using guest = await cloud.guest(id);
  await guest.check("echo 3 > /proc/sys/vm/drop_caches");
  const device = await deviceWithLabel(guest, "config-2");
  const read = "cat /mnt/openstack/latest/meta_data.json";
  return JSON.parse(await guest.check(`mount -o ro ${device} /mnt && ${read} && umount /mnt`));
}
