import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { serialOf, serials } from "../rigs/guest-volumes.js";
import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";
import { until } from "../rigs/wait.js";
import { otherThan } from "./agreement.js";
import { migrate } from "./live-cases.js";
import type { Setting } from "./setting.js";
import { readVolume } from "./volume-view.js";

const listed = z.object({
  drives: z.array(
    z.object({ attachments: z.array(z.looseObject({ instance_id: z.string(), host: z.string() })).default([]) }),
  ),
});

/** A server with a drive as a volume goes to another host, off and as it runs. */
export function movingVolumeCases(setting: () => Setting): void {
  test("a volume goes along in a cold and in a live migration, and only the host of the server has it", async () => {
    const { cloud } = setting();
    const { api, volumes } = cloud;
    const content = randomBytes(300 * 512);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const volume = await volumes.create({ imageRef: await api.image("moving", content) });
    const id = await cloud.boot({ name: "with a volume" });
    const home = await cloud.hostOf(id);
    const away = otherThan(cloud, home);
    await api.call("POST", `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } });
    await cloud.told(volumes.settled(volume, "in-use"));

    await cloud.act(id, { migrate: null }, "VERIFY_RESIZE");
    {
      using guest = await cloud.guest(id);
      expect(await readVolume(guest, volume)).toBe(sha256);
    }
    await cloud.act(id, { confirmResize: null }, "ACTIVE");
    await onlyOn(cloud, id, away);

    await migrate(cloud, id, home);
    await onlyOn(cloud, id, home);
    {
      using guest = await cloud.guest(id, true);
      expect(await readVolume(guest, volume)).toBe(sha256);
      await api.call("DELETE", `/servers/${id}/os-volume_attachments/${volume}`);
      await cloud.told(volumes.settled(volume, "available"));
      const isGone = async () => !(await serials(guest)).has(serialOf(volume));
      await until(20_000, "the guest to have let go", isGone);
    }
    await api.delete(id);
    await volumes.delete(volume);
  }, 900_000);
}

/** Waits until the catalog has a server's own drive and its volume on one host alone; the other one then has no copy of the volume. */
async function onlyOn(cloud: NovaCloud, serverId: string, host: ComputeHost): Promise<void> {
  const attached = async () => {
    const { drives } = listed.parse(await cloud.drive(host, "list"));
    return drives.flatMap(({ attachments }) => attachments.filter(({ instance_id }) => instance_id === serverId));
  };
  await until(60_000, `${host.name} alone to have the drives of ${serverId}`, async () => {
    const found = await attached();
    return found.length === 2 && found.every((attachment) => attachment.host === host.name);
  });
  const copies = (on: ComputeHost) => cloud.run(on, "sh", "-c", "ls /var/lib/nova/configdrive 2>/dev/null || true");
  expect((await copies(host)).trim()).not.toBe("");
  expect(await copies(otherThan(cloud, host))).toBe("");
}
