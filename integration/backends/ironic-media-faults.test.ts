import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { jest } from "@jest/globals";
import type { IronicHypervisor, IronicOptions } from "#adapters/ironic/adapter.js";
import { MEDIA_VERSION } from "#adapters/ironic/media/bay.js";
import { ImageServer } from "#adapters/ironic/media/image-server.js";
import { MEDIA_MARK } from "#adapters/ironic/media/mark.js";
import { HeldDownloads } from "#integration/rigs/held-downloads.js";
import { RedfishIronic, type RedfishNode } from "#integration/rigs/redfish.js";
import { put, seen, wait } from "../adapters/case.js";
import { type SampleImage, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./ironic-backend.js";
import { servedOn } from "./ironic-media-backend.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const PATIENT = { answerMs: 60_000, unplugMs: 60_000 };
const BUSY = { reason: "INSTANCE_BUSY", message: expect.stringContaining("is locked by host") };

describe("virtual media, when something goes wrong in the middle", () => {
  let rig: RedfishIronic;
  let node: RedfishNode;
  let images: string;
  let image: SampleImage;
  /** Of adapters that the tests open, to be closed. */
  const adapters: IronicHypervisor[] = [];

  beforeAll(async () => {
    rig = await RedfishIronic.start();
    images = join(rig.ironic.directory, "images");
    await mkdir(images);
  }, 600_000);
  afterAll(() => rig?.[Symbol.asyncDispose](), 60_000);
  beforeEach(async () => {
    node = await rig.node();
    image = await sampleIso(images, randomUUID(), 1);
  });
  afterEach(async () => {
    for (const adapter of adapters.splice(0)) await adapter.close();
    await node[Symbol.asyncDispose]();
  });

  async function adapter(change: Partial<IronicOptions> = {}): Promise<IronicHypervisor> {
    const opened = openOn(rig.ironic, PATIENT, { rebuild: false, media: await servedOn(rig), ...change });
    adapters.push(opened);
    return opened;
  }

  const deviceOf = ({ uuid }: RedfishNode) =>
    ({ kind: "cdrom", bus: "usb", name: `cdrom-${uuid}`, reason: "" }) as const;

  /** Nothing is left of any drive: neither a mark nor a CD, and no image is served. */
  async function expectNothing(urls: readonly string[] = []): Promise<void> {
    expect(await node.extra()).toEqual({});
    expect(await node.reads()).toBeUndefined();
    for (const url of urls) expect((await fetch(url)).status).toBe(404);
  }

  /** The drive comes, is read, and goes. */
  async function expectWorking(hypervisor: IronicHypervisor): Promise<void> {
    const device = await put(hypervisor, node.id, image, {});
    expect(await node.reads()).toBe(image.sha256);
    await hypervisor.detach(node.id, image.driveId, device, false, wait());
    await expectNothing();
  }

  test.each(["gives up", "has no more time"])(
    "a caller %s while the BMC is being given a CD: it is taken back",
    async (how) => {
      await using held = await HeldDownloads.start();
      const hypervisor = await adapter({ media: held.media });
      const caller = new AbortController();
      const attached = hypervisor.attach(node.id, image, deviceOf(node), { signal: caller.signal });
      const [reason, why] =
        how === "gives up"
          ? (["CANCELLED", undefined] as const)
          : (["DEADLINE_EXCEEDED", new DOMException("no more time", "TimeoutError")] as const);
      const refused = expect(attached).rejects.toMatchObject({ reason });
      await held.asked();
      {
        // The conductor has the image, and the BMC does not answer.
        await using _hanging = await rig.bmcs.hang();
        held.release();
        await held.fetched();
        caller.abort(why);
        expect(await node.extra()).toMatchObject({ [MEDIA_MARK]: { drive: image.driveId, generation: 0 } });
      }
      await refused;
      await expectNothing(held.served());
      await expectWorking(await adapter());
    },
  );

  test("Ironic killed in the middle of an insert, and back: nothing is claimed, and the drive can go or come", async () => {
    for (const next of ["go", "come"]) {
      await using held = await HeldDownloads.start();
      const hypervisor = await adapter({ media: held.media });
      const attached = hypervisor.attach(node.id, image, deviceOf(node), wait());
      const refused = expect(attached).rejects.toMatchObject({ reason: expect.stringMatching(/^HYPERVISOR_/) });
      await held.asked();
      await rig.ironic.restart();
      await refused;
      expect((await seen(hypervisor, node.id))?.[image.driveId] ?? 0).toBe(0);
      expect(await node.reads()).toBeUndefined();
      const after = await adapter();
      if (next === "go") {
        await after.detach(node.id, image.driveId, deviceOf(node), false, wait());
        await expectNothing(held.served());
      }
      await expectWorking(after);
    }
  });

  test.each(["detach", "attach", "refresh"] as const)(
    "an insert that a service before us has begun: %s waits for its end",
    async (next) => {
      const [first, second] = await twoGenerations(images, randomUUID());
      const device = deviceOf(node);
      await using held = await HeldDownloads.start();
      const server = new ImageServer(held.media);
      await using _served = { [Symbol.asyncDispose]: () => server.close() };
      await using offer = await server.offer(first);
      // What that one has done before it was killed.
      const mark = { instance: node.id, drive: first.driveId, generation: 0 };
      await node.change({ op: "add", path: `/extra/${MEDIA_MARK}`, value: mark });
      const order = { device_type: "cdrom", image_url: offer.url };
      await rig.ironic.call("POST", `/v1/nodes/${node.uuid}/vmedia`, order, MEDIA_VERSION);
      await held.asked();

      const step = (by: IronicHypervisor) => {
        if (next === "detach") return by.detach(node.id, first.driveId, device, false, wait());
        if (next === "attach") return by.attach(node.id, first, device, wait());
        return by.refresh(node.id, second, device, false, wait());
      };
      const after = await adapter();
      const done = expect(step(after)).resolves.toBeUndefined();
      await expect(step(await adapter({ lockMs: 0 }))).rejects.toMatchObject(BUSY);
      held.release();
      await done;
      const shows = { detach: undefined, attach: first, refresh: second }[next];
      expect(await node.reads()).toBe(shows?.sha256);
      await after.detach(node.id, first.driveId, device, false, wait());
      await expectNothing();
    },
  );

  test("a wrong password of the BMC: told in Ironic's words, nothing is done, and it goes on with the right one", async () => {
    const hypervisor = await adapter();
    const right = rig.bmcs.driverInfo(node.machine).redfish_password;
    const password = (value: unknown) => node.change({ op: "replace", path: "/driver_info/redfish_password", value });
    const refused = { reason: "HYPERVISOR_FAILED", message: expect.stringMatching(/Redfish.*(401|[Aa]uthenti)/s) };
    await password("a-wrong-one");
    await expect(hypervisor.choose(node.id, image, {}, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.attach(node.id, image, deviceOf(node), wait())).rejects.toMatchObject(refused);
    await expectNothing();
    await password(right);
    const device = await put(hypervisor, node.id, image, {});
    await password("a-wrong-one");
    const second = await sampleIso(images, image.driveId, 2);
    await expect(hypervisor.observe(node.id, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.refresh(node.id, second, device, false, wait())).rejects.toMatchObject(refused);
    await expect(hypervisor.detach(node.id, image.driveId, device, true, wait())).rejects.toMatchObject(refused);
    expect(await node.reads()).toBe(image.sha256);
    await password(right);
    expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 1 });
    await hypervisor.detach(node.id, image.driveId, device, false, wait());
    await expectNothing();
  });

  test("a node whose hardware has no virtual media: refused with what would work, and nothing is written into it", async () => {
    await using fake = await rig.node("fake-hardware");
    const hypervisor = await adapter();
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
