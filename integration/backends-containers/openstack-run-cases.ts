import { randomUUID } from "node:crypto";
import { z } from "zod";
import { OpenstackLauncher } from "#adapters/openstack/launcher.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import type { ShownDrive } from "#drive/launcher.js";
import { defaultLimits } from "#drive/limits.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { NovaGuest } from "#integration/rigs/nova-guest.js";
import { until } from "#integration/rigs/wait.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { type Read, readsIn } from "./openstack-backend.js";
import { DISK, type Scene } from "./openstack-scene.js";

const found = z.object({ servers: z.array(z.object({ id: z.string() })) });
const LONG_MS = 300_000;

/** Servers that the adapter itself makes, with a drive in their block device mapping. */
export function runCases(scene: () => Scene): void {
  const launcher = () => new OpenstackLauncher(scene().project);
  const instanceOf = (changes: object = {}) => {
    const { image } = scene().cloud.nova;
    const id = randomUUID();
    const template = JSON.stringify({ flavorRef: "rig", imageRef: image, networks: "none", ...changes });
    return { id, name: `run-${id}`, launchIndex: 0, template };
  };
  const shown = (image: PlacedImage, deleteOnTermination: boolean): readonly ShownDrive[] => [
    { revision: 1, image, device: { ...DISK, name: "d", reason: "" }, deleteOnTermination },
  ];
  /** nova's ids of the servers that have the instance's name. */
  const servers = async ({ name }: { readonly name: string }) =>
    found.parse(await scene().cloud.nova.api.call("GET", `/servers?name=${name}`)).servers.map(({ id }) => id);
  const guestReads = async (booting: Promise<NovaGuest>, image: Read) => {
    using guest = await booting;
    await readsIn(guest, scene().cloud, [image]);
  };

  test(
    'run: the guest has the drive at its first boot, then a new generation; "server delete" takes the volume along',
    async () => {
      const { cloud, hypervisor, images, driveId } = scene();
      const { nova } = cloud;
      const [first, second] = await twoGenerations(images, driveId);
      const instance = instanceOf();
      const device = await launcher().plan(instance, first, {});
      expect(device).toMatchObject({ ...DISK, reason: expect.stringContaining("a volume of 1 GiB") });
      await launcher().launch(instance, shown(first, true), wait(LONG_MS));
      const [server = "", ...others] = await servers(instance);
      expect(others).toEqual([]);
      await guestReads(nova.guest(server), first);
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });

      await launcher().launch(instance, shown(first, true), wait(LONG_MS));
      expect(await servers(instance)).toEqual([server]);
      await hypervisor.refresh(instance.id, second, device, false, wait());
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 2 });
      await nova.api.delete(server);
      await until(60_000, "the volume to be gone", async () => (await cloud.volumes(driveId)).length === 0);
      expect(await launcher().runs(instance.id, wait())).toBe(false);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
    2 * LONG_MS,
  );

  test(
    "run without delete_on_termination: the volume stays, is rewritten while nobody has it, and another server gets it",
    async () => {
      const { cloud, hypervisor, server: other, images, driveId } = scene();
      const { nova } = cloud;
      const [first, second] = await twoGenerations(images, driveId);
      const instance = instanceOf();
      await launcher().launch(instance, shown(first, false), wait(LONG_MS));
      const own = await scene().volume();
      const [server = ""] = await servers(instance);
      await nova.api.delete(server);
      await nova.volumes.settled(own, "available");

      const device = await put(hypervisor, other, second, DISK);
      expect(await scene().volume()).toBe(own);
      await guestReads(scene().guest(), second);
      await hypervisor.detach(other, driveId, device, false, wait());
    },
    2 * LONG_MS,
  );

  test(
    "RunInstances, StopInstance, StartInstance, TerminateInstances: the guest has the newest content, and nothing is left",
    async () => {
      const { cloud, hypervisor } = scene();
      await using rig = await DriveServiceRig.open(hypervisor, {
        launcher: launcher(),
        change: { limits: { ...defaultLimits, operationMs: LONG_MS } },
      });
      const call = callOf("project", AbortSignal.timeout(2 * LONG_MS));
      const { template, name } = instanceOf();
      const asked = { requestId: randomUUID(), host: "", name, minCount: 1, maxCount: 1, label: "", sizeBytes: 0 };
      const { content } = blob("x".repeat(4096));
      const [made] = await rig.service.instances.run({ ...asked, template, content }, call);
      const instanceId = made?.instance.id ?? "";
      const driveId = made?.driveIds[0] ?? "";
      const change = () => ({ requestId: randomUUID(), instanceId });
      await rig.service.instances.stop({ ...change(), graceMs: 0 }, call);
      await rig.service.populate(blob("y".repeat(4096), { driveId, whenAttached: "stage" }), call);
      await rig.service.instances.start(change(), call);
      const [server = ""] = await servers({ name });
      const [image] = (await rig.service.get(driveId, call)).generations.slice(-1);
      if (image === undefined) throw new Error("the drive has no generation");
      await guestReads(cloud.nova.guest(server), { ...image, driveId });
      await rig.service.instances.terminate({ requestId: randomUUID(), instanceIds: [instanceId] }, call);
      expect(await servers({ name })).toEqual([]);
      expect(await cloud.volumes(driveId)).toEqual([]);
    },
    2 * LONG_MS,
  );

  test(
    "what cannot be run is refused with nova's words, and nothing is left of it",
    async () => {
      const { cloud, images, driveId } = scene();
      const image = await sampleIso(images, driveId, 1);
      for (const [id, ram, disk] of [
        ["much-memory", 1 << 20, 1],
        ["much-disk", 192, 1 << 20],
      ] as const) {
        await cloud.nova.api.call("POST", "/flavors", { flavor: { id, name: id, ram, vcpus: 1, disk } });
      }
      const refusals = [
        [{ flavorRef: "no-such" }, "INVALID_ARGUMENT", /nova does not take it: Flavor … could not be found/],
        [{ imageRef: randomUUID() }, "INVALID_ARGUMENT", /nova does not take it/],
        [{ flavorRef: "much-memory" }, "QUOTA_EXCEEDED", /Quota exceeded for ram.*would work: a drive less/i],
        [{ flavorRef: "much-disk" }, "HYPERVISOR_FAILED", /it is ERROR: No valid host/],
      ] as const;
      for (const [changes, reason, message] of refusals) {
        const instance = instanceOf(changes);
        await expect(launcher().launch(instance, shown(image, true), wait(LONG_MS))).rejects.toMatchObject({
          reason,
          message: expect.stringMatching(message),
        });
        expect(await servers(instance)).toEqual([]);
        expect(await cloud.volumes(driveId)).toEqual([]);
      }
    },
    2 * LONG_MS,
  );
}
