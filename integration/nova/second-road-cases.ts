import { until } from "../rigs/wait.js";
import { digestOnHost, driveOf, guestDigests, inspectedDigests, knowsDrive, novaPath } from "./drive-view.js";
import type { Setting } from "./setting.js";

/** What makes nova take the road without the plugin: its own driver, our mkisofs, and notifications on a topic of their own. */
export const SECOND_ROAD = {
  OS_DEFAULT__COMPUTE_DRIVER: "libvirt.LibvirtDriver",
  OS_DEFAULT__MKISOFS_CMD: "/opt/configdrive/bin/configdrive-mkisofs",
  OS_NOVA_NOTIFICATIONS__TOPIC: "configdrive_notifications",
} as const;

/** The part of it that oslo.config reads rightly from a file alone. */
export const NOTIFYING = `[oslo_messaging_notifications]
driver = messagingv2
[notifications]
notification_format = versioned
versioned_notifications_topics = configdrive_notifications
`;

/** nova without our plugin: its drives are known to the service all the same, and go when nova tells that a server is deleted. */
export function secondRoadCases(setting: () => Setting): void {
  test("nova's own driver has its drive built by the service through mkisofs_cmd, and a delete is heard of", async () => {
    const { cloud, host } = setting();
    const id = await cloud.boot({ name: "stock driver" });
    const { generations, project_id } = await driveOf(cloud, host, id);
    expect(project_id).toBe("demo");
    expect(await digestOnHost(cloud, host, novaPath(id))).toBe(generations[0]?.sha256);
    expect(await guestDigests(cloud, id)).toEqual(await inspectedDigests(cloud, host, id));
    await cloud.api.delete(id);
    await until(60_000, "the drive to be gone with its server", async () => !(await knowsDrive(cloud, host, id)), 300);
  }, 300_000);

  test("while the service is away nova gets its drive all the same", async () => {
    const { cloud, host } = setting();
    await cloud.run(host, "pkill", "-STOP", "-u", "configdrive");
    let id: string;
    try {
      id = await cloud.boot({ name: "unserved" });
    } finally {
      await cloud.run(host, "pkill", "-CONT", "-u", "configdrive");
    }
    expect((await guestDigests(cloud, id)).has("openstack/latest/meta_data.json")).toBe(true);
    await cloud.api.delete(id);
    await until(60_000, "the late drive to be gone too", async () => !(await knowsDrive(cloud, host, id)), 300);
  }, 300_000);
}
