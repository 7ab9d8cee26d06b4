import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { z } from "zod";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import type { OpenstackCloud } from "#integration/rigs/openstack-cloud.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { until } from "#integration/rigs/wait.js";
import { OwnToken } from "#keystone/own-token.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./openstack-backend.js";

/** When a caller gives up, in milliseconds. */
const MOMENTS = process.env.FORM === "full" ? [300, 1_500, 3_000, 5_000] : [1_500];
const DISK = { kind: "disk", bus: "virtio" } as const;
const shown = z.object({ volume: z.object({ description: z.string(), size: z.number() }) });

/** What OpenStack's own users and services do beside us, on one server that runs. */
export function openstackCases(cloud: () => OpenstackCloud): void {
  let server: string;
  let hypervisor: OpenstackHypervisor;
  let images: string;
  let driveId: string;

  beforeAll(async () => {
    images = await privateDirectory("openstack-cases");
    hypervisor = openOn(cloud(), { answerMs: 30_000, unplugMs: 120_000 });
    server = await cloud().nova.boot({ name: "cases", config_drive: false });
    (await cloud().nova.guest(server))[Symbol.dispose]();
  }, 300_000);

  afterAll(async () => {
    await hypervisor?.close();
    if (images !== undefined) await rm(images, { recursive: true });
  });

  beforeEach(() => {
    driveId = randomUUID();
  });

  afterEach(async () => {
    expect(await cloud().kept()).toEqual([]);
  });

  const volume = async () => {
    const [only, ...others] = await cloud().volumes(driveId);
    expect(others).toEqual([]);
    return only!.id;
  };
  const describe = async (id: string) => shown.parse(await cloud().nova.volumes.call("GET", `/volumes/${id}`)).volume;

  test("a refresh rewrites the same volume; where Cinder's policy forbids that, another takes its place and says why", async () => {
    const [first, second] = await twoGenerations(images, driveId);
    const device = await put(hypervisor, server, first, DISK);
    expect(device.reason).toContain("a volume of 1 GiB");
    const own = await volume();
    await hypervisor.refresh(server, second, device, false, wait());
    expect(await volume()).toBe(own);

    const third = await sampleIso(images, driveId, 3);
    {
      await using _forbidden = await cloud().forbid("volume:reimage");
      await hypervisor.refresh(server, third, device, false, wait());
    }
    const other = await volume();
    expect(other).not.toBe(own);
    expect((await describe(other)).description).toMatch(new RegExp(`in the place of volume ${own}: .*reimage`));
    expect(await seen(hypervisor, server)).toEqual({ [driveId]: 3 });
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 300_000);

  test("a user detaches the volume through nova: that is seen, and the next attach takes the same volume", async () => {
    const image = await sampleBlob(images, driveId, 1);
    const device = await put(hypervisor, server, image, DISK);
    const own = await volume();
    await cloud().nova.api.call("DELETE", `/servers/${server}/os-volume_attachments/${own}`);
    await cloud().nova.volumes.settled(own, "available");
    expect(await seen(hypervisor, server)).toEqual({});
    await hypervisor.attach(server, image, device, wait());
    expect(await volume()).toBe(own);
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);

  test("a server is deleted with its drive: it is not there, and detach removes the volume", async () => {
    const { nova } = cloud();
    const other = await nova.boot({ name: "short-lived", config_drive: false });
    await nova.act(other, { "os-stop": null }, "SHUTOFF");
    const device = await put(hypervisor, other, await sampleIso(images, driveId, 1), DISK);
    await nova.api.delete(other);
    await nova.volumes.settled(await volume(), "available");
    expect(await hypervisor.observe(other, wait())).toBeUndefined();
    await hypervisor.detach(other, driveId, device, false, wait());
  }, 300_000);

  test("the project's quota of volumes is used up: refused with what would work", async () => {
    const image = await sampleIso(images, driveId, 1);
    await using _quota = await cloud().volumeQuota(0);
    await expect(put(hypervisor, server, image, DISK)).rejects.toMatchObject({
      reason: "QUOTA_EXCEEDED",
      message: expect.stringMatching(/would work: a drive less/),
    });
    expect(await seen(hypervisor, server)).toEqual({});
  }, 120_000);

  test("a server that is suspended takes no volume, and keeps what it has", async () => {
    const { nova } = cloud();
    await nova.act(server, { suspend: null }, "SUSPENDED");
    const image = await sampleIso(images, driveId, 1);
    await expect(put(hypervisor, server, image, DISK)).rejects.toMatchObject({ reason: "INSTANCE_NOT_RUNNING" });
    await nova.act(server, { resume: null }, "ACTIVE");
    const device = await put(hypervisor, server, image, DISK);
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);

  test("a CD-ROM and another bus are refused with what would work", async () => {
    const image = await sampleIso(images, driveId, 1);
    for (const wish of [{ kind: "cdrom" }, { kind: "disk", bus: "scsi" }] as const) {
      await expect(hypervisor.choose(server, image, wish, wait())).rejects.toMatchObject({
        reason: "BUS_NOT_AVAILABLE",
        message: expect.stringContaining("would work: disk on virtio"),
      });
    }
  }, 60_000);

  test("a token that has expired is taken where a service vouches for us, and is not without", async () => {
    await using brief = await cloud().keystone.withExpiration(4);
    const expired = await new OwnToken({ ...cloud().member(30_000), authUrl: brief.url }, Date.now, true).project();
    await until(30_000, "the token to expire", () => Date.now() > expired.expiresAt + 1_000);
    const tokens = { project: async () => expired, forget: () => undefined };
    const options = { tokens, interface: "public", answerMs: 30_000, taskMs: 120_000 } as const;
    const alone = new OpenstackHypervisor(options);
    await expect(seen(alone, server)).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining("401"),
    });
    const serviceTokens = new OwnToken(cloud().voucher(30_000), Date.now);
    const vouched = new OpenstackHypervisor({ ...options, serviceTokens });
    const device = await put(vouched, server, await sampleIso(images, driveId, 1), DISK);
    expect(await seen(vouched, server)).toEqual({ [driveId]: 1 });
    await vouched.detach(server, driveId, device, false, wait());
    await Promise.all([alone.close(), vouched.close()]);
  }, 200_000);

  test.each(MOMENTS)(
    "a caller gives up after %i ms: nothing is left, or the drive is there; the next attach completes it",
    async (ms) => {
      const image = await sampleIso(images, driveId, 1);
      const device = await hypervisor.choose(server, image, DISK, wait());
      const given = await hypervisor.attach(server, image, device, wait(ms)).then(
        () => "attached",
        (error: { reason?: string }) => error.reason,
      );
      expect(["attached", "DEADLINE_EXCEEDED"]).toContain(given);
      const left = await cloud().volumes(driveId);
      expect(left).toHaveLength(given === "attached" ? 1 : 0);
      await hypervisor.attach(server, image, device, wait());
      expect(await seen(hypervisor, server)).toEqual({ [driveId]: 1 });
      await hypervisor.detach(server, driveId, device, false, wait());
    },
    200_000,
  );
}
