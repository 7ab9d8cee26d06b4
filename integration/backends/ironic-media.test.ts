import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { jest } from "@jest/globals";
import type { IronicHypervisor, IronicOptions } from "#adapters/ironic/adapter.js";
import { MEDIA_MARK } from "#adapters/ironic/media/mark.js";
import { freePort } from "#integration/rigs/ports.js";
import { RedfishIronic, type RedfishNode } from "#integration/rigs/redfish.js";
import { put, seen, wait } from "../adapters/case.js";
import { lostImage, sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./ironic-backend.js";
import { servedOn } from "./ironic-media-backend.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(120_000);

const PATIENT = { answerMs: 60_000, unplugMs: 60_000 };
const busy = (told: string) => ({ reason: "DEVICE_BUSY", message: expect.stringContaining(told) });

describe("virtual media of an Ironic with redfish hardware", () => {
  let rig: RedfishIronic;
  let node: RedfishNode;
  let images: string;
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
  });
  afterEach(async () => {
    for (const adapter of adapters.splice(0)) await adapter.close();
    await node[Symbol.asyncDispose]();
  });

  /** The adapter, which serves images over TLS, with something else in what it is told. */
  async function adapter(change: Partial<IronicOptions> = {}): Promise<IronicHypervisor> {
    const opened = openOn(rig.ironic, PATIENT, { rebuild: false, media: await servedOn(rig), ...change });
    adapters.push(opened);
    return opened;
  }

  test("a deployed node gets a drive as a CD, another generation of it, and loses it, without a rebuild", async () => {
    const hypervisor = await adapter();
    const [first, second] = await twoGenerations(images, randomUUID());
    const device = await hypervisor.choose(node.id, first, {}, wait());
    expect(device).toEqual({
      ...{ kind: "cdrom", bus: "usb", name: `cdrom-${node.uuid}` },
      reason: "the node is deployed; virtual media, inserted by the node's BMC",
    });
    expect(await node.reads()).toBeUndefined();
    for (const _again of [1, 2]) {
      await hypervisor.attach(node.id, first, device, wait());
      expect(await node.reads()).toBe(first.sha256);
      expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 1 });
    }
    await expect(hypervisor.attach(node.id, second, device, wait())).rejects.toMatchObject(
      busy("refresh it to show 2"),
    );
    for (const _again of [1, 2]) {
      await hypervisor.refresh(node.id, second, device, false, wait());
      expect(await node.reads()).toBe(second.sha256);
      expect(await seen(await adapter(), node.id)).toEqual({ [first.driveId]: 2 });
    }
    for (const _again of [1, 2]) {
      await hypervisor.detach(node.id, first.driveId, device, false, wait());
      expect(await node.reads()).toBeUndefined();
      expect(await seen(hypervisor, node.id)).toEqual({});
    }
    expect(await node.extra()).toEqual({});
    await hypervisor.attach(node.id, second, device, wait());
    expect(await node.reads()).toBe(second.sha256);
  });

  test("somebody else's CD is refused, and stays; so does another drive of ours", async () => {
    const hypervisor = await adapter();
    const [first, second] = [await sampleIso(images, randomUUID(), 1), await sampleIso(images, randomUUID(), 1)];
    const theirs = await rig.publish(`${randomUUID()}.iso`, Buffer.from("somebody else's"));
    await rig.bmcs.insert(node.machine, theirs);
    const device = { kind: "cdrom", bus: "usb", name: `cdrom-${node.uuid}`, reason: "" } as const;
    const foreign = busy("a CD inserted that is not ours; would work: take that away first");
    await expect(hypervisor.choose(node.id, first, {}, wait())).rejects.toMatchObject(foreign);
    await expect(hypervisor.attach(node.id, first, device, wait())).rejects.toMatchObject(foreign);
    await hypervisor.detach(node.id, first.driveId, device, true, wait());
    expect(await rig.bmcs.medium(node.machine)).toEqual({ Image: theirs, Inserted: true });
    await rig.bmcs.eject(node.machine);

    await put(hypervisor, node.id, first, {});
    await expect(hypervisor.attach(node.id, second, device, wait())).rejects.toMatchObject(
      busy(`drive ${first.driveId}`),
    );
    await hypervisor.detach(node.id, second.driveId, device, true, wait());
    expect(await node.reads()).toBe(first.sha256);

    await rig.bmcs.insert(node.machine, theirs, "Second");
    await expect(hypervisor.detach(node.id, first.driveId, device, true, wait())).rejects.toMatchObject(
      busy("a second CD inserted, which is not ours"),
    );
    expect(await rig.bmcs.medium(node.machine, "Second")).toEqual({ Image: theirs, Inserted: true });
    expect(await node.reads()).toBe(first.sha256);
    await rig.bmcs.eject(node.machine, "Second");

    // Ours is taken out at the BMC, and theirs put in.
    await rig.bmcs.eject(node.machine);
    expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 0 });
    await rig.bmcs.insert(node.machine, theirs);
    expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 0 });
    await expect(hypervisor.refresh(node.id, first, device, true, wait())).rejects.toMatchObject(foreign);
    await hypervisor.detach(node.id, first.driveId, device, true, wait());
    expect(await rig.bmcs.medium(node.machine)).toEqual({ Image: theirs, Inserted: true });
    expect(await node.extra()).toEqual({});
  });

  test("a CD that somebody took out comes back by the next refresh", async () => {
    const hypervisor = await adapter();
    const image = await sampleIso(images, randomUUID(), 1);
    const device = await put(hypervisor, node.id, image, {});
    await rig.bmcs.eject(node.machine);
    await hypervisor.refresh(node.id, image, device, false, wait());
    expect(await node.reads()).toBe(image.sha256);
  });

  test("what an attach that was cut short has left is completed by the next one, or taken by a detach", async () => {
    const hypervisor = await adapter();
    const image = await sampleIso(images, randomUUID(), 1);
    const device = await put(hypervisor, node.id, image, {});
    const mark = { instance: node.id, drive: image.driveId, generation: 0 };
    const cut = () => node.change({ op: "replace", path: `/extra/${MEDIA_MARK}`, value: mark });
    await cut();
    expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 0 });
    await hypervisor.attach(node.id, image, device, wait());
    expect(await node.reads()).toBe(image.sha256);
    expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 1 });
    await cut();
    await hypervisor.detach(node.id, image.driveId, device, false, wait());
    expect(await node.reads()).toBeUndefined();
    expect(await node.extra()).toEqual({});
  });

  test("what Ironic cannot fetch or does not take is told in its words, and nothing is left", async () => {
    const image = await sampleIso(images, randomUUID(), 1);
    const media = { host: "127.0.0.1", port: await freePort(), url: "https://localhost:1", newName: randomUUID };
    const lost = await adapter({ media });
    const device = await lost.choose(node.id, image, {}, wait());
    await expect(lost.attach(node.id, image, device, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringMatching(/Ironic did not insert the CD: Could not attach device cdrom.*localhost/s),
    });
    expect(await node.extra()).toEqual({});
    const hypervisor = await adapter();
    const gone = await lostImage(images, randomUUID(), 1);
    await expect(hypervisor.attach(node.id, gone, device, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining("the image cannot be served to Ironic: ENOENT"),
    });
    expect(await node.extra()).toEqual({});
    expect(await node.reads()).toBeUndefined();
  });

  test("refused before anything is changed: no such device, a cut CD, nothing that serves images, a wrong password", async () => {
    const image = await sampleIso(images, randomUUID(), 1);
    const hypervisor = await adapter();
    const none = (told: string) => ({ reason: "BUS_NOT_AVAILABLE", message: expect.stringContaining(told) });
    const onIde = { kind: "cdrom", bus: "ide" } as const;
    await expect(hypervisor.choose(node.id, image, onIde, wait())).rejects.toMatchObject(
      none("a BMC has no cdrom on ide; would work: cdrom on usb"),
    );
    const blob = await sampleBlob(images, randomUUID(), 1);
    await expect(hypervisor.choose(node.id, blob, { kind: "cdrom" }, wait())).rejects.toMatchObject(
      none("would work: 155648 bytes"),
    );
    const silent = openOn(rig.ironic, PATIENT, { rebuild: false });
    adapters.push(silent);
    await expect(silent.choose(node.id, image, { kind: "cdrom" }, wait())).rejects.toMatchObject(
      none("set [ironic] media_listen and media_url"),
    );
    const stranger = await adapter({
      credentials: { kind: "basic", user: "configdrive", password: { reveal: () => "a-wrong-one" } },
    });
    await expect(stranger.choose(node.id, image, {}, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining("status 401"),
    });
    expect(await node.extra()).toEqual({});
    expect(await node.reads()).toBeUndefined();
  });

  test("a drive is taken from a node whose instance has gone, by the node in its device's name, with its CD or without", async () => {
    const hypervisor = await adapter();
    const [first, second] = [await sampleIso(images, randomUUID(), 1), await sampleIso(images, randomUUID(), 1)];
    const device = await put(hypervisor, node.id, first, {});
    await node.forget();
    expect(await seen(hypervisor, node.id)).toBeUndefined();
    expect(await node.reads()).toBe(first.sha256);
    await hypervisor.detach(node.id, first.driveId, device, false, wait());
    expect(await node.reads()).toBeUndefined();
    expect(await node.extra()).toEqual({});

    await using other = await rig.node();
    const otherDevice = await put(hypervisor, other.id, second, {});
    // Its boot interface, redfish-virtual-media, has every CD ejected.
    await other.provision("deleted", "available");
    expect(await other.reads()).toBeUndefined();
    await hypervisor.detach(other.id, second.driveId, otherDevice, false, wait());
    expect(await other.extra()).toEqual({});
  });
});
