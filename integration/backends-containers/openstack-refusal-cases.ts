import { writeFile } from "node:fs/promises";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { projectOn, readsIn } from "./openstack-backend.js";
import { DISK, type Scene } from "./openstack-scene.js";

const LONG_MS = 300_000;

/** What OpenStack does not do for us: refused, with the drive as it was. */
export function refusalCases(scene: () => Scene): void {
  test.each([{ volumes: 0 }, { gigabytes: 0 }])(
    "the project's quota is used up (%j): refused with what would work",
    async (quota) => {
      const { cloud, hypervisor, server, images, driveId } = scene();
      const image = await sampleIso(images, driveId, 1);
      await using _quota = await cloud.volumeQuota(quota);
      await expect(put(hypervisor, server, image, DISK)).rejects.toMatchObject({
        reason: "QUOTA_EXCEEDED",
        message: expect.stringMatching(/would work: a drive less/),
      });
      expect(await seen(hypervisor, server)).toEqual({});
    },
    120_000,
  );

  test("a server that is suspended takes no volume, and keeps what it has", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const { nova } = cloud;
    await nova.act(server, { suspend: null }, "SUSPENDED");
    const image = await sampleIso(images, driveId, 1);
    await expect(put(hypervisor, server, image, DISK)).rejects.toMatchObject({ reason: "INSTANCE_NOT_RUNNING" });
    await nova.act(server, { resume: null }, "ACTIVE");
    const device = await put(hypervisor, server, image, DISK);
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);

  test("a CD-ROM and another bus are refused with what would work", async () => {
    const { hypervisor, server, images, driveId } = scene();
    const image = await sampleIso(images, driveId, 1);
    for (const wish of [{ kind: "cdrom" }, { kind: "disk", bus: "scsi" }] as const) {
      await expect(hypervisor.choose(server, image, wish, wait())).rejects.toMatchObject({
        reason: "BUS_NOT_AVAILABLE",
        message: expect.stringContaining("would work: disk on virtio"),
      });
    }
  }, 60_000);

  test("a blob that is an image of another format: Cinder does not take it, and nothing is left of it", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const blob = await sampleBlob(images, driveId, 1);
    // A qcow2 header of version 3 (QEMU, docs/interop/qcow2.txt), with nothing that it could point to.
    const header = Buffer.alloc(blob.sizeBytes);
    header.write("QFI\u00fb", "latin1");
    header.writeUInt32BE(3, 4);
    await writeFile(blob.path, header);
    await expect(put(hypervisor, server, blob, DISK)).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining("could not be made, it is error"),
    });
    expect(await cloud.kept()).toEqual([]);
    expect(await seen(hypervisor, server)).toEqual({});
  }, 120_000);

  test(
    "a guest that stands still does not let go: refused, and the drive is there until it runs again",
    async () => {
      const { cloud, server, images, driveId } = scene();
      const { nova } = cloud;
      // nova asks a guest eight times, five seconds each.
      const hypervisor = new OpenstackHypervisor(projectOn(cloud, { answerMs: 60_000, unplugMs: LONG_MS }));
      const [first, second] = await twoGenerations(images, driveId);
      const device = await put(hypervisor, server, first, DISK);
      await nova.act(server, { pause: null }, "PAUSED");
      await expect(hypervisor.refresh(server, second, device, false, wait(LONG_MS))).rejects.toMatchObject({
        reason: "DEVICE_BUSY",
        message: expect.stringContaining("the guest did not let volume"),
      });
      expect(await seen(hypervisor, server)).toEqual({ [driveId]: 1 });
      expect(await cloud.images(driveId)).toEqual([]);
      await nova.act(server, { unpause: null }, "ACTIVE");
      await hypervisor.refresh(server, second, device, false, wait(LONG_MS));
      using guest = await scene().guest();
      await readsIn(guest, cloud, [second]);
      await hypervisor.detach(server, driveId, device, false, wait());
      await hypervisor.close();
    },
    3 * LONG_MS,
  );
}
