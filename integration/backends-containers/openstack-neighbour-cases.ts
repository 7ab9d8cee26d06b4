import { z } from "zod";
import { Session } from "#adapters/openstack/session.js";
import { serialOf, serials } from "#integration/rigs/guest-volumes.js";
import { OwnToken } from "#keystone/own-token.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { DISK, type Scene } from "./openstack-scene.js";

const listed = z.array(z.object({ "Volume ID": z.string() }));
const shown = z.object({ volume: z.object({ description: z.string(), size: z.number() }) });

/** What OpenStack's own users and services do beside us. */
export function neighbourCases(scene: () => Scene): void {
  test("a refresh rewrites the same volume; where Cinder's policy forbids that, another takes its place and says why", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const [first, second] = await twoGenerations(images, driveId);
    const device = await put(hypervisor, server, first, DISK);
    expect(device.reason).toContain("a volume of 1 GiB");
    const own = await scene().volume();
    await hypervisor.refresh(server, second, device, false, wait());
    expect(await scene().volume()).toBe(own);

    const third = await sampleIso(images, driveId, 3);
    {
      await using _forbidden = await cloud.forbid("volume:reimage");
      await hypervisor.refresh(server, third, device, false, wait());
    }
    const other = await scene().volume();
    expect(other).not.toBe(own);
    expect(shown.parse(await cloud.nova.volumes.call("GET", `/volumes/${other}`)).volume.description).toMatch(
      new RegExp(`in the place of volume ${own}: .*reimage`),
    );
    expect(await seen(hypervisor, server)).toEqual({ [driveId]: 3 });
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 300_000);

  test('"openstack server remove volume": a user sees the volume and takes it; that is seen, and the next attach takes the same', async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const image = await sampleBlob(images, driveId, 1);
    const device = await put(hypervisor, server, image, DISK);
    const own = await scene().volume();
    const told = listed.parse(JSON.parse(await cloud.command("server", "volume", "list", server, "-f", "json")));
    expect(told.map((row) => row["Volume ID"])).toEqual([own]);
    await cloud.command("server", "remove", "volume", server, own);
    await cloud.nova.volumes.settled(own, "available");
    expect(await seen(hypervisor, server)).toEqual({});
    await hypervisor.attach(server, image, device, wait());
    expect(await scene().volume()).toBe(own);
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);

  test("a user gives the volume to another server: it is in use, and no server gets it until that is taken back", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const { nova } = cloud;
    await using other = await scene().stopped();
    const image = await sampleIso(images, driveId, 1);
    const device = await put(hypervisor, server, image, DISK);
    const own = await scene().volume();
    const attachments = (id: string) => `/servers/${id}/os-volume_attachments`;
    await nova.api.call("DELETE", `${attachments(server)}/${own}`);
    await nova.volumes.settled(own, "available");
    await nova.api.call("POST", attachments(other.id), { volumeAttachment: { volumeId: own } });
    await nova.volumes.settled(own, "in-use");
    await expect(hypervisor.attach(server, image, device, wait())).rejects.toMatchObject({
      reason: "DEVICE_BUSY",
      message: expect.stringContaining(`would work: openstack server remove volume ${other.id} ${own}`),
    });
    await hypervisor.detach(server, driveId, device, false, wait());
    expect(await seen(hypervisor, other.id)).toEqual({ [driveId]: 1 });
    await hypervisor.detach(other.id, driveId, device, false, wait());
  }, 300_000);

  test("a server is deleted with its drive: it is not there, and detach removes the volume", async () => {
    const { cloud, hypervisor, images, driveId } = scene();
    const { nova } = cloud;
    await using other = await scene().stopped();
    const device = await put(hypervisor, other.id, await sampleIso(images, driveId, 1), DISK);
    await nova.api.delete(other.id);
    await nova.volumes.settled(await scene().volume(), "available");
    expect(await hypervisor.observe(other.id, wait())).toBeUndefined();
    await hypervisor.detach(other.id, driveId, device, false, wait());
  }, 300_000);

  test("a user sets the volume read-only: everybody sees the flag, and the guest of a member can still write", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const { nova } = cloud;
    const image = await sampleBlob(images, driveId, 1);
    const device = await put(hypervisor, server, image, DISK);
    const own = await scene().volume();
    await nova.api.call("DELETE", `/servers/${server}/os-volume_attachments/${own}`);
    await nova.volumes.settled(own, "available");
    const member = new Session(new OwnToken(cloud.member(30_000), Date.now, true), {
      interface: "public",
      answerMs: 30_000,
    });
    const { signal } = new AbortController();
    const body = { "os-update_readonly_flag": { readonly: true } };
    await member.call("volume", "POST", `/volumes/${own}/action`, signal, { body });
    expect(await member.call("volume", "GET", `/volumes/${own}`, signal)).toMatchObject({
      volume: { metadata: { readonly: "True" } },
    });
    await hypervisor.attach(server, image, device, wait());
    using guest = await scene().guest();
    const disk = (await serials(guest)).get(serialOf(own));
    expect((await guest.check(`cat /sys/block/${disk}/ro`)).trim()).toBe("0");
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);
}
