import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { NovaGuest } from "../rigs/nova-guest.js";
import { until } from "../rigs/wait.js";
import type { Setting } from "./setting.js";

const listed = z.object({
  drives: z.array(
    z.object({
      id: z.string(),
      pending_generation: z.number().default(0),
      applied_generation: z.number().default(0),
      delete_on_termination: z.boolean().default(false),
      attachments: z.array(z.object({ instance_id: z.string() })).default([]),
    }),
  ),
});

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
/** Whole sectors, so that the device has these bytes and no more. */
const content = () => randomBytes(300 * 512);

/** A drive as a volume: Cinder makes it, nova attaches it, and the guest reads it, with nobody but the two knowing of the service. */
export function volumeCases(setting: () => Setting): void {
  /** The drives that the service knows. */
  const drives = async () => {
    const { cloud, host } = setting();
    return listed.parse(await cloud.drive(host, "list")).drives;
  };

  test("a server born with a volume gets another one, keeps both over a hard reboot, and takes its own along", async () => {
    const { cloud } = setting();
    const { api, volumes } = cloud;
    const before = await drives();
    const [first, second] = [content(), content()];
    const born = {
      ...{ source_type: "image", destination_type: "volume", uuid: await api.image("born", first) },
      ...{ volume_size: 1, boot_index: -1, delete_on_termination: true },
    };
    const root = {
      source_type: "image",
      destination_type: "local",
      uuid: cloud.image,
      boot_index: 0,
      delete_on_termination: true,
    };
    const id = await cloud.boot({ name: "with volumes", block_device_mapping_v2: [root, born] });
    const [own] = await attachedTo(id);
    expect(own).toBeDefined();
    {
      using guest = await cloud.guest(id);
      expect(await read(guest, own!)).toBe(digestOf(first));
    }

    const later = await volumes.create({ imageRef: await api.image("later", second) });
    await api.call("POST", `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: later } });
    await cloud.told(volumes.settled(later, "in-use"));
    {
      using guest = await cloud.guest(id);
      expect(await read(guest, later)).toBe(digestOf(second));
      expect((await guest.run(`echo x > ${await deviceOf(guest, later)}`)).exitCode).not.toBe(0);
    }
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    {
      using guest = await cloud.guest(id);
      expect(await read(guest, own!)).toBe(digestOf(first));
      expect(await read(guest, later)).toBe(digestOf(second));
      await api.call("DELETE", `/servers/${id}/os-volume_attachments/${later}`);
      await cloud.told(volumes.settled(later, "available"));
      await until(
        20_000,
        "the guest to have let go",
        async () => (await serials(guest)).get(serialOf(later)) === undefined,
      );
    }

    await api.delete(id);
    await until(60_000, "the server's own volume to be gone", async () => !(await volumes.knows(own!)), 200);
    expect(await volumes.show(later)).toMatchObject({ status: "available", attachments: [] });
    await volumes.delete(later);
    expect(await drives()).toEqual(before);
  }, 300_000);

  /** The volumes that nova says a server has. */
  async function attachedTo(serverId: string): Promise<string[]> {
    const answer = await setting().cloud.api.call("GET", `/servers/${serverId}/os-volume_attachments`);
    return z
      .object({ volumeAttachments: z.array(z.object({ volumeId: z.string() })) })
      .parse(answer)
      .volumeAttachments.map(({ volumeId }) => volumeId);
  }
}

/** What a guest reads of a volume, by its digest. */
async function read(guest: NovaGuest, volumeId: string): Promise<string> {
  await guest.check("echo 3 > /proc/sys/vm/drop_caches");
  return (await guest.check(`sha256sum ${await deviceOf(guest, volumeId)}`)).slice(0, 64);
}

async function deviceOf(guest: NovaGuest, volumeId: string): Promise<string> {
  const name = await until(20_000, `the guest to see volume ${volumeId}`, async () =>
    (await serials(guest)).get(serialOf(volumeId)),
  );
  return `/dev/${name}`;
}

/** virtio keeps so much of the serial number, which nova makes the volume's id. */
function serialOf(volumeId: string): string {
  return volumeId.slice(0, 20);
}

/** The guest's disks by their serial numbers. */
async function serials(guest: NovaGuest): Promise<Map<string, string>> {
  const text = await guest.check('cd /sys/block; for d in vd*; do echo "$(cat $d/serial) $d"; done');
  return new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const [serial = "", name = ""] = line.split(" ");
        return [serial, name];
      }),
  );
}
