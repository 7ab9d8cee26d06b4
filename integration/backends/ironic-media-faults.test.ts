import { randomUUID } from "node:crypto";
import { jest } from "@jest/globals";
import type { IronicHypervisor } from "#adapters/ironic/adapter.js";
import { MEDIA_VERSION } from "#adapters/ironic/media/bay.js";
import { ImageServer } from "#adapters/ironic/media/image-server.js";
import { MEDIA_MARK } from "#adapters/ironic/media/mark.js";
import { HeldDownloads } from "#integration/rigs/held-downloads.js";
import type { RedfishNode } from "#integration/rigs/redfish.js";
import { put, seen, wait } from "../adapters/case.js";
import { type SampleImage, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { mediaScene } from "./ironic-media-scene.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const BUSY = { reason: "INSTANCE_BUSY", message: expect.stringContaining("is locked by host") };

describe("virtual media, when something goes wrong in the middle", () => {
  const scene = mediaScene();
  let image: SampleImage;

  beforeEach(async () => {
    image = await sampleIso(scene.images, randomUUID(), 1);
  });

  const deviceOf = ({ uuid }: RedfishNode) =>
    ({ kind: "cdrom", bus: "usb", name: `cdrom-${uuid}`, reason: "" }) as const;

  /** Nothing is left of any drive: neither a mark nor a CD, and no image is served. */
  async function expectNothing(urls: readonly string[] = []): Promise<void> {
    expect(await scene.node.extra()).toEqual({});
    expect(await scene.node.reads()).toBeUndefined();
    for (const url of urls) expect((await fetch(url)).status).toBe(404);
  }

  /** The drive comes, is read, and goes. */
  async function expectWorking(hypervisor: IronicHypervisor): Promise<void> {
    const device = await put(hypervisor, scene.node.id, image, {});
    expect(await scene.node.reads()).toBe(image.sha256);
    await hypervisor.detach(scene.node.id, image.driveId, device, false, wait());
    await expectNothing();
  }

  test.each(["gives up", "has no more time"])(
    "a caller %s while the BMC is being given a CD: it is taken back",
    async (how) => {
      await using held = await HeldDownloads.start();
      const hypervisor = await scene.adapter({ media: held.media });
      const caller = new AbortController();
      const attached = hypervisor.attach(scene.node.id, image, deviceOf(scene.node), { signal: caller.signal });
      const [reason, why] =
        how === "gives up"
          ? (["CANCELLED", undefined] as const)
          : (["DEADLINE_EXCEEDED", new DOMException("no more time", "TimeoutError")] as const);
      const refused = expect(attached).rejects.toMatchObject({ reason });
      await held.asked();
      {
        // The conductor has the image, and the BMC does not answer.
        await using _hanging = await scene.rig.bmcs.hang();
        held.release();
        await held.fetched();
        caller.abort(why);
        expect(await scene.node.extra()).toMatchObject({ [MEDIA_MARK]: { drive: image.driveId, generation: 0 } });
      }
      await refused;
      await expectNothing(held.served());
      await expectWorking(await scene.adapter());
    },
  );

  test("Ironic killed in the middle of an insert, and back: nothing is claimed, and the drive can go or come", async () => {
    for (const next of ["go", "come"]) {
      await using held = await HeldDownloads.start();
      const hypervisor = await scene.adapter({ media: held.media });
      const attached = hypervisor.attach(scene.node.id, image, deviceOf(scene.node), wait());
      const refused = expect(attached).rejects.toMatchObject({ reason: expect.stringMatching(/^HYPERVISOR_/) });
      await held.asked();
      await scene.rig.ironic.restart();
      await refused;
      expect((await seen(hypervisor, scene.node.id))?.[image.driveId] ?? 0).toBe(0);
      expect(await scene.node.reads()).toBeUndefined();
      const after = await scene.adapter();
      if (next === "go") {
        await after.detach(scene.node.id, image.driveId, deviceOf(scene.node), false, wait());
        await expectNothing(held.served());
      }
      await expectWorking(after);
    }
  });

  test.each(["detach", "attach", "refresh"] as const)(
    "an insert that a service before us has begun: %s waits for its end",
    async (next) => {
      const [first, second] = await twoGenerations(scene.images, randomUUID());
      const device = deviceOf(scene.node);
      await using held = await HeldDownloads.start();
      const server = new ImageServer(held.media);
      await using _served = { [Symbol.asyncDispose]: () => server.close() };
      await using offer = await server.offer(first);
      // What that one has done before it was killed.
      const mark = { instance: scene.node.id, drive: first.driveId, generation: 0 };
      await scene.node.change({ op: "add", path: `/extra/${MEDIA_MARK}`, value: mark });
      const order = { device_type: "cdrom", image_url: offer.url };
      await scene.rig.ironic.call("POST", `/v1/nodes/${scene.node.uuid}/vmedia`, order, MEDIA_VERSION);
      await held.asked();

      const step = (by: IronicHypervisor) => {
        if (next === "detach") return by.detach(scene.node.id, first.driveId, device, false, wait());
        if (next === "attach") return by.attach(scene.node.id, first, device, wait());
        return by.refresh(scene.node.id, second, device, false, wait());
      };
      const after = await scene.adapter();
      const done = expect(step(after)).resolves.toBeUndefined();
      await expect(step(await scene.adapter({ lockMs: 0 }))).rejects.toMatchObject(BUSY);
      held.release();
      await done;
      const shows = { detach: undefined, attach: first, refresh: second }[next];
      expect(await scene.node.reads()).toBe(shows?.sha256);
      await after.detach(scene.node.id, first.driveId, device, false, wait());
      await expectNothing();
    },
  );

  test("a wrong password of the BMC: told in Ironic's words, nothing is done, and it goes on with the right one", async () => {
    const hypervisor = await scene.adapter();
    const right = scene.rig.bmcs.driverInfo(scene.node.machine).redfish_password;
    const password = (value: unknown) =>
      scene.node.change({ op: "replace", path: "/driver_info/redfish_password", value });
    const refused = { reason: "HYPERVISOR_FAILED", message: expect.stringMatching(/Redfish.*(401|[Aa]uthenti)/s) };
    await password("a-wrong-one");
    await expect(hypervisor.choose(scene.node.id, image, {}, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.attach(scene.node.id, image, deviceOf(scene.node), wait())).rejects.toMatchObject(refused);
    await expectNothing();
    await password(right);
    const device = await put(hypervisor, scene.node.id, image, {});
    await password("a-wrong-one");
    const second = await sampleIso(scene.images, image.driveId, 2);
    await expect(hypervisor.observe(scene.node.id, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.refresh(scene.node.id, second, device, false, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.detach(scene.node.id, image.driveId, device, true, wait())).rejects.toMatchObject(refused);
    expect(await scene.node.reads()).toBe(image.sha256);
    await password(right);
    expect(await seen(hypervisor, scene.node.id)).toEqual({ [image.driveId]: 1 });
    await hypervisor.detach(scene.node.id, image.driveId, device, false, wait());
    await expectNothing();
  });

  test("a node whose hardware has no virtual media: refused with what would work, and nothing is written into it", async () => {
    await using fake = await scene.rig.node("fake-hardware");
    const hypervisor = await scene.adapter();
    const refused = {
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringMatching(/fake-hardware.*virtual_media.*would work: disk on scsi/s),
    };
    for (const wish of [{}, { kind: "cdrom" }] as const) {
      await expect(hypervisor.choose(fake.id, image, wish, wait())).rejects.toMatchObject(refused);
    }
    await expect(hypervisor.attach(fake.id, image, deviceOf(fake), wait())).rejects.toMatchObject(refused);
    expect(await fake.extra()).toEqual({});
    expect(await seen(hypervisor, fake.id)).toEqual({});
    await hypervisor.detach(fake.id, image.driveId, deviceOf(fake), false, wait());
  });
});
