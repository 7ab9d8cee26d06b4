import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { fileDigests } from "../rigs/guest-view.js";
import { serialOf, serials } from "../rigs/guest-volumes.js";
import { until } from "../rigs/wait.js";
import { stageNote } from "./drive-view.js";
import type { Setting } from "./setting.js";
import { deviceOf, readVolume } from "./volume-view.js";

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

/** An image in QEMU's own format, with nothing in it (QEMU, docs/interop/qcow2.txt, "Header"): Glance looks whether it is one. */
function qcow2(): Buffer {
  const cluster = 1 << 16;
  const image = Buffer.alloc(3 * cluster);
  image.write("QFI\xfb", "latin1");
  const version = 3;
  image.writeUInt32BE(version, 4);
  image.writeUInt32BE(Math.log2(cluster), 20);
  image.writeBigUInt64BE(1n << 20n, 24);
  const [mappings, mappingsAt] = [1, cluster];
  image.writeUInt32BE(mappings, 36);
  image.writeBigUInt64BE(BigInt(mappingsAt), 40);
  const [countsAt, countClusters] = [2 * cluster, 1];
  image.writeBigUInt64BE(BigInt(countsAt), 48);
  image.writeUInt32BE(countClusters, 56);
  const [countBits, headerBytes] = [4, 104];
  image.writeUInt32BE(countBits, 96);
  image.writeUInt32BE(headerBytes, 100);
  return image;
}

/** A drive as a volume: Cinder makes it, nova attaches it, and the guest reads it, with nobody but the two knowing of the service. */
export function volumeCases(setting: () => Setting, full: boolean): void {
  /** The drives that the service knows. */
  const drives = async () => {
    const { cloud, host } = setting();
    return listed.parse(await cloud.drive(host, "list")).drives;
  };
  /** Waits until the service knows no other drives than these: a server's own goes some time after it. */
  const noOthersThan = (before: Awaited<ReturnType<typeof drives>>) =>
    until(60_000, "the other drives to be gone", async () => isDeepStrictEqual(await drives(), before), 300);

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
      expect(await readVolume(guest, own!)).toBe(digestOf(first));
    }

    const later = await volumes.create({ imageRef: await api.image("later", second) });
    await api.call("POST", `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: later } });
    await cloud.told(volumes.settled(later, "in-use"));
    {
      using guest = await cloud.guest(id);
      expect(await readVolume(guest, later)).toBe(digestOf(second));
      expect((await guest.run(`echo x > ${await deviceOf(guest, later)}`)).exitCode).not.toBe(0);
    }
    await cloud.act(id, { reboot: { type: "HARD" } }, "ACTIVE");
    {
      using guest = await cloud.guest(id);
      expect(await readVolume(guest, own!)).toBe(digestOf(first));
      expect(await readVolume(guest, later)).toBe(digestOf(second));
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
    await noOthersThan(before);
  }, 300_000);

  if (!full) return;

  test("a drive that the service has becomes a volume, and new content is shown at the next start", async () => {
    const { cloud, host } = setting();
    const { api, volumes } = cloud;
    const before = await drives();
    await cloud.run(host, "sh", "-c", "mkdir -p /tmp/own && echo populated > /tmp/own/note");
    const { drive } = z
      .object({ drive: z.object({ id: z.string() }) })
      .parse(await cloud.drive(host, "populate", "--tree", "/tmp/own", "--label", "own"));
    const id = await volumes.manage(drive.id);
    expect(await drives()).toContainEqual(expect.objectContaining({ id: drive.id, delete_on_termination: false }));

    const server = await cloud.boot({ name: "managed" });
    await api.call("POST", `/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: id } });
    await cloud.told(volumes.settled(id, "in-use"));
    {
      using guest = await cloud.guest(server);
      expect([...(await fileDigests(guest, await deviceOf(guest, id))).keys()]).toEqual(["note"]);
    }
    await expect(cloud.drive(host, "detach", drive.id)).rejects.toThrow(/DRIVE_ATTACHED/);
    await stageNote(cloud, host, drive.id, "staged");
    await cloud.act(server, { reboot: { type: "HARD" } }, "ACTIVE");
    {
      using guest = await cloud.guest(server);
      const seen = await fileDigests(guest, await deviceOf(guest, id));
      expect(seen.get("note")).toBe(digestOf(Buffer.from("staged")));
    }
    await api.delete(server);
    await volumes.settled(id, "available");

    const anew = content();
    await volumes.reimage(id, await api.image("anew", anew));
    const [known] = (await drives()).filter((candidate) => candidate.id === drive.id);
    expect(known).toMatchObject({ pending_generation: 3, attachments: [] });
    await volumes.delete(id);
    await noOthersThan(before);
  }, 400_000);

  test("an image that is too large for a drive, or not raw, makes a volume in error, and no drive", async () => {
    const { cloud } = setting();
    const { api, volumes } = cloud;
    const before = await drives();
    for (const image of [
      await api.image("large", Buffer.alloc((3 << 20) + 512, 1)),
      await api.image("formatted", qcow2(), { disk_format: "qcow2" }),
    ]) {
      await expect(volumes.create({ imageRef: image })).rejects.toThrow(/a drive takes/);
    }
    expect(await drives()).toEqual(before);
  }, 200_000);

  /** The volumes that nova says a server has. */
  async function attachedTo(serverId: string): Promise<string[]> {
    const answer = await setting().cloud.api.call("GET", `/servers/${serverId}/os-volume_attachments`);
    return z
      .object({ volumeAttachments: z.array(z.object({ volumeId: z.string() })) })
      .parse(answer)
      .volumeAttachments.map(({ volumeId }) => volumeId);
  }
}
