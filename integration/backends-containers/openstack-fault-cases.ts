import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { Project } from "#adapters/openstack/project.js";
import { Child } from "#integration/rigs/child.js";
import { until } from "#integration/rigs/wait.js";
import { OwnToken } from "#keystone/own-token.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleIso } from "../adapters/sample-image.js";
import { DISK, type Scene } from "./openstack-scene.js";

/** When a caller gives up, in milliseconds. */
const MOMENTS = process.env.FORM === "full" ? [300, 1_500, 3_000, 5_000] : [1_500];

/** Tokens that expire, services that hang, callers who give up, and a service that is killed. */
export function faultCases(scene: () => Scene): void {
  test("a token that has expired is taken where a service vouches for us; without, it is refused and renewed", async () => {
    const { cloud, server, images, driveId } = scene();
    await using brief = await cloud.keystone.withExpiration(4);
    const expired = await new OwnToken({ ...cloud.member(30_000), authUrl: brief.url }, Date.now, true).project();
    await until(30_000, "the token to expire", () => Date.now() > expired.expiresAt + 1_000);
    const tokens = { project: async () => expired, forget: () => undefined };
    const options = { tokens, interface: "public", answerMs: 30_000, taskMs: 120_000 } as const;
    const alone = new OpenstackHypervisor(new Project(options));
    await expect(seen(alone, server)).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining("401"),
    });
    const serviceTokens = new OwnToken(cloud.voucher(30_000), Date.now);
    const vouched = new OpenstackHypervisor(new Project({ ...options, serviceTokens }));
    const device = await put(vouched, server, await sampleIso(images, driveId, 1), DISK);
    expect(await seen(vouched, server)).toEqual({ [driveId]: 1 });
    await vouched.detach(server, driveId, device, false, wait());
    await Promise.all([alone.close(), vouched.close()]);

    // What every service meets one day: the token is refused, and the next one taken.
    const own = new OwnToken(cloud.member(30_000), Date.now, true);
    let forgotten = 0;
    const renewed = {
      project: () => (forgotten === 0 ? tokens.project() : own.project()),
      forget: () => {
        forgotten += 1;
      },
    };
    const renewing = new OpenstackHypervisor(new Project({ ...options, tokens: renewed }));
    expect(await seen(renewing, server)).toEqual({});
    expect(forgotten).toBe(1);
    await renewing.close();
  }, 200_000);

  test.each(MOMENTS)(
    "a caller gives up after %i ms: nothing is left, or the drive is there; the next attach completes it",
    async (ms) => {
      const { cloud, hypervisor, server, images, driveId } = scene();
      const image = await sampleIso(images, driveId, 1);
      const device = await hypervisor.choose(server, image, DISK, wait());
      const given = await hypervisor.attach(server, image, device, wait(ms)).then(
        () => "attached",
        (error: { reason?: string }) => error.reason,
      );
      expect(["attached", "DEADLINE_EXCEEDED"]).toContain(given);
      const left = await cloud.volumes(driveId);
      expect(left).toHaveLength(given === "attached" ? 1 : 0);
      await hypervisor.attach(server, image, device, wait());
      expect(await seen(hypervisor, server)).toEqual({ [driveId]: 1 });
      await hypervisor.detach(server, driveId, device, false, wait());
    },
    200_000,
  );

  test.each(MOMENTS)(
    "a service is killed %i ms into an attach: the next one goes on from what it left",
    async (ms) => {
      const { cloud, hypervisor, server, images, driveId } = scene();
      const image = await sampleIso(images, driveId, 1);
      const request = JSON.stringify([cloud.member(30_000), server, image]);
      const program = "dist/integration/backends-containers/attach-once.js";
      const child = await Child.start(process.execPath, [program, request], { log: join(images, "log"), piped: true });
      expect(await child.lines.next()).toBe("begun");
      await pause(ms);
      await child.stop("SIGKILL");
      const device = await put(hypervisor, server, image, DISK);
      await scene().volume();
      expect(await seen(hypervisor, server)).toEqual({ [driveId]: 1 });
      expect(await cloud.images(driveId)).toEqual([]);
      await hypervisor.detach(server, driveId, device, false, wait());
    },
    200_000,
  );

  test("Cinder stands still: an attach ends by its limit, and the next one goes on", async () => {
    const { cloud, hypervisor, server, images, driveId } = scene();
    const image = await sampleIso(images, driveId, 1);
    const device = await hypervisor.choose(server, image, DISK, wait());
    // Keystone may take its time: it does not stand still.
    const tokens = new OwnToken(cloud.member(30_000), Date.now, true);
    const hasty = new OpenstackHypervisor(new Project({ tokens, interface: "public", answerMs: 2_000, taskMs: 2_000 }));
    {
      await using _hanging = await cloud.hangCinder();
      await expect(hasty.attach(server, image, device, wait())).rejects.toMatchObject({
        reason: "HYPERVISOR_UNREACHABLE",
        message: expect.stringContaining("no answer to GET came within 2000 ms"),
      });
    }
    await hasty.close();
    await hypervisor.attach(server, image, device, wait());
    expect(await seen(hypervisor, server)).toEqual({ [driveId]: 1 });
    await hypervisor.detach(server, driveId, device, false, wait());
  }, 200_000);
}
