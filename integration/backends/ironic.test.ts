import { randomUUID } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { jest } from "@jest/globals";
import type { IronicOptions } from "#adapters/ironic/adapter.js";
import { MARK } from "#adapters/ironic/mark.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Ironic, type IronicNode, NOAUTH } from "#integration/rigs/ironic.js";
import { freePort } from "#integration/rigs/ports.js";
import { until } from "#integration/rigs/wait.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./ironic-backend.js";
import { keystoneCases } from "./ironic-keystone-cases.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(120_000);

const FORM = { kind: "disk", bus: "scsi" } as const;
const DEVICE = { ...FORM, name: "configdrive", reason: "" };
const PATIENT = { answerMs: 60_000, unplugMs: 60_000 };

if (process.env.FORM === "full") keystoneCases();

describe("an Ironic that asks nobody", () => {
  let ironic: Ironic;
  let node: IronicNode;
  let images: string;
  /** Of adapters that the tests open, to be closed. */
  const adapters: ReturnType<typeof openOn>[] = [];

  beforeAll(async () => {
    ironic = await Ironic.start(NOAUTH);
    images = join(ironic.directory, "images");
    await mkdir(images);
  }, 300_000);
  afterAll(async () => {
    await ironic?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    node = await ironic.node();
  });
  // Whatever a case did: once the instance has gone, Ironic keeps nothing of any drive.
  afterEach(async () => {
    for (const adapter of adapters.splice(0)) await adapter.close();
    await node[Symbol.asyncDispose]();
    expect(await ironic.kept()).toEqual([]);
  });

  /** The adapter, with something else in what it is told. */
  function adapter(change: Partial<IronicOptions> = {}): ReturnType<typeof openOn> {
    const opened = openOn(ironic, PATIENT, change);
    adapters.push(opened);
    return opened;
  }

  /** The bytes of an image as Ironic takes them. */
  function asText(bytes: Buffer): string {
    return gzipSync(bytes).toString("base64");
  }

  test("stored before the deploy: Ironic has the image as gzip and base64, and whoever deploys the node writes it", async () => {
    const hypervisor = adapter({ rebuild: false });
    const [first, second] = await twoGenerations(images, randomUUID());
    const device = await put(hypervisor, node.id, first, {});
    expect(device).toEqual({
      ...DEVICE,
      reason: "a partition of the node's own disk, written when the node is deployed",
    });
    await hypervisor.refresh(node.id, second, device, false, wait());
    const { configdrive, ...rest } = ironic.instanceInfo(node.uuid);
    expect(gunzipSync(Buffer.from(String(configdrive), "base64"))).toHaveLength(second.sizeBytes);
    expect(rest).toEqual({ [MARK]: { drive: second.driveId, generation: 2 } });
    expect(await node.disk()).toEqual([]);
    await node.start();
    expect(await node.disk()).toEqual([second.sha256]);
    expect(await seen(hypervisor, node.id)).toEqual({ [second.driveId]: 2 });
  });

  test("taken before the deploy: nothing is left, and the deploy writes nothing", async () => {
    const hypervisor = adapter({ rebuild: false });
    const image = await sampleIso(images, randomUUID(), 1);
    await put(hypervisor, node.id, image, {});
    await hypervisor.detach(node.id, image.driveId, DEVICE, false, wait());
    expect(ironic.instanceInfo(node.uuid)).toEqual({});
    await node.start();
    expect(await node.disk()).toEqual([]);
  });

  test("without leave to rebuild, a deployed node keeps its disk: refused, with what would work", async () => {
    const hypervisor = adapter({ rebuild: false });
    const [first, second] = await twoGenerations(images, randomUUID());
    const device = await put(hypervisor, node.id, first, {});
    await node.start();
    const before = ironic.instanceInfo(node.uuid);
    const message = expect.stringContaining("set [ironic] rebuild = true");
    const none = { reason: "BUS_NOT_AVAILABLE", message };
    await expect(hypervisor.refresh(node.id, second, device, true, wait())).rejects.toMatchObject(none);
    await expect(hypervisor.detach(node.id, first.driveId, device, true, wait())).rejects.toMatchObject({
      reason: "DEVICE_BUSY",
      message,
    });
    expect(ironic.instanceInfo(node.uuid)).toEqual(before);
    expect(await node.disk()).toEqual([first.sha256]);
    await using other = await ironic.node();
    await other.start();
    await expect(hypervisor.choose(other.id, first, {}, wait())).rejects.toMatchObject(none);
  });

  test("one config drive a node: another drive is refused, and so is a node with somebody else's", async () => {
    const hypervisor = adapter();
    const [first, second] = [await sampleIso(images, randomUUID(), 1), await sampleIso(images, randomUUID(), 1)];
    await Promise.all([1, 2].map(() => hypervisor.attach(node.id, first, DEVICE, wait())));
    const busy = (told: string) => ({ reason: "DEVICE_BUSY", message: expect.stringContaining(told) });
    await expect(hypervisor.choose(node.id, second, {}, wait())).rejects.toMatchObject(busy(`drive ${first.driveId}`));
    await expect(hypervisor.attach(node.id, second, DEVICE, wait())).rejects.toMatchObject(busy(first.driveId));
    await hypervisor.detach(node.id, second.driveId, DEVICE, false, wait());
    expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 1 });
    await hypervisor.detach(node.id, first.driveId, DEVICE, false, wait());

    const foreign = asText(Buffer.from("somebody else's"));
    await node.change({ op: "add", path: "/instance_info/configdrive", value: foreign });
    await expect(hypervisor.attach(node.id, first, DEVICE, wait())).rejects.toMatchObject(busy("that is not ours"));
    await hypervisor.detach(node.id, first.driveId, DEVICE, true, wait());
    expect(ironic.instanceInfo(node.uuid)).toEqual({ configdrive: foreign });
    expect(await seen(hypervisor, node.id)).toEqual({});
    await node.change({ op: "remove", path: "/instance_info/configdrive" });
  });

  test("too large: refused by size before anything is read, and by its text before anything is placed", async () => {
    const path = join(images, "large.img");
    await using file = await open(path, "w");
    const sizeBytes = 64 * 1024 * 1024 + 2048;
    await file.truncate(sizeBytes);
    const large: PlacedImage = { driveId: randomUUID(), generation: 1, path, sizeBytes, format: "raw" };
    const tooLarge = (told: string) => ({ reason: "BUS_NOT_AVAILABLE", message: expect.stringContaining(told) });
    const hypervisor = adapter({ maxTextBytes: 4096 });
    await expect(hypervisor.choose(node.id, large, {}, wait())).rejects.toMatchObject(
      tooLarge("67108864 bytes at most"),
    );
    await expect(hypervisor.attach(node.id, large, DEVICE, wait())).rejects.toMatchObject(tooLarge("67110912 bytes"));
    const image = await sampleIso(images, randomUUID(), 1);
    await expect(hypervisor.attach(node.id, image, DEVICE, wait())).rejects.toMatchObject(
      tooLarge("max_text_size is 4096"),
    );
    expect(ironic.instanceInfo(node.uuid)).toEqual({});
  });

  test("64 MiB, the most that a config drive may have, comes through", async () => {
    const path = join(images, "most.img");
    await using file = await open(path, "w");
    const sizeBytes = 64 * 1024 * 1024;
    await file.truncate(sizeBytes);
    const most: PlacedImage = { driveId: randomUUID(), generation: 1, path, sizeBytes, format: "raw" };
    await put(adapter(), node.id, most, {});
    const { configdrive } = ironic.instanceInfo(node.uuid);
    expect(gunzipSync(Buffer.from(String(configdrive), "base64"))).toHaveLength(sizeBytes);
  });

  test("a locked node is waited for, and refused once the time for that is over", async () => {
    const image = await sampleIso(images, randomUUID(), 1);
    const hypervisor = adapter();
    {
      using _held = ironic.lock(node.uuid);
      await expect(adapter({ lockMs: 0 }).attach(node.id, image, DEVICE, wait())).rejects.toMatchObject({
        reason: "INSTANCE_BUSY",
        message: expect.stringContaining("is locked by host another-conductor"),
      });
      expect(ironic.instanceInfo(node.uuid)).toEqual({});
    }
    const refused = () => ironic.logged(`"PATCH /v1/nodes/${node.uuid}`, "status: 409");
    const before = await refused();
    const held = ironic.lock(node.uuid);
    const attached = hypervisor.attach(node.id, image, DEVICE, wait());
    attached.catch(() => undefined);
    await until(60_000, "Ironic to refuse it for the lock", async () => (await refused()) > before);
    held[Symbol.dispose]();
    await attached;
    expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 1 });
  });

  test("a node in maintenance is refused before anything is placed, and its drive can go", async () => {
    const hypervisor = adapter();
    const [first, second] = await twoGenerations(images, randomUUID());
    await put(hypervisor, node.id, first, {});
    await node.change({ op: "replace", path: "/maintenance", value: true });
    await expect(hypervisor.refresh(node.id, second, DEVICE, false, wait())).rejects.toMatchObject({
      reason: "INSTANCE_NOT_RUNNING",
      message: expect.stringContaining("would work: take it out of maintenance"),
    });
    expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 1 });
    await hypervisor.detach(node.id, first.driveId, DEVICE, false, wait());
    expect(ironic.instanceInfo(node.uuid)).toEqual({});
    await node.change({ op: "replace", path: "/maintenance", value: false });
  });

  test("a protected node is not rebuilt: refused before anything is changed", async () => {
    const hypervisor = adapter();
    const [first, second] = await twoGenerations(images, randomUUID());
    const device = await put(hypervisor, node.id, first, {});
    await node.start();
    await node.change({ op: "replace", path: "/protected", value: true });
    const before = ironic.instanceInfo(node.uuid);
    const message = expect.stringContaining("would work: unset its protection");
    await expect(hypervisor.refresh(node.id, second, device, false, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message,
    });
    await expect(hypervisor.detach(node.id, first.driveId, device, true, wait())).rejects.toMatchObject({
      reason: "DEVICE_BUSY",
      message,
    });
    expect(ironic.instanceInfo(node.uuid)).toEqual(before);
    expect(await node.disk()).toEqual([first.sha256]);
    await node.change({ op: "replace", path: "/protected", value: false });
  });

  test("a rebuild that Ironic refuses leaves the node and what is known of it as they were", async () => {
    const hypervisor = adapter();
    const [first, second] = await twoGenerations(images, randomUUID());
    const device = await put(hypervisor, node.id, first, {});
    await node.start();
    const before = ironic.instanceInfo(node.uuid);
    {
      await using _refusing = await ironic.deploys("refuse");
      await expect(hypervisor.refresh(node.id, second, device, false, wait())).rejects.toMatchObject({
        reason: "HYPERVISOR_FAILED",
        message: expect.stringContaining("this node is not to be deployed"),
      });
    }
    expect(ironic.instanceInfo(node.uuid)).toEqual(before);
    expect(await seen(hypervisor, node.id)).toEqual({ [first.driveId]: 1 });
    expect(await node.disk()).toEqual([first.sha256]);
  });

  test("a rebuild that fails is told in Ironic's words; the node has nothing of the drive, and the next deploy takes it", async () => {
    const hypervisor = adapter();
    const image = await sampleIso(images, randomUUID(), 1);
    await node.start();
    {
      await using _failing = await ironic.deploys("fail");
      await expect(put(hypervisor, node.id, image, {})).rejects.toMatchObject({
        reason: "HYPERVISOR_FAILED",
        message: expect.stringContaining("the disk cannot be written"),
      });
    }
    expect(await node.state()).toBe("deploy failed");
    expect(ironic.instanceInfo(node.uuid)).toEqual({});
    await put(hypervisor, node.id, image, {});
    await node.start();
    expect(await node.disk()).toEqual([image.sha256]);
  });

  test("a caller who gives up leaves a rebuild under way: what it writes is not claimed before its end, and then known", async () => {
    const image = await sampleIso(images, randomUUID(), 1);
    await node.start();
    const caller = new AbortController();
    const hypervisor = adapter();
    {
      await using _waiting = await ironic.deploys("wait");
      const attached = hypervisor.attach(node.id, image, DEVICE, { signal: caller.signal });
      const given = expect(attached).rejects.toMatchObject({ reason: "CANCELLED" });
      await node.comesTo("deploying");
      caller.abort();
      await given;
      expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 0 });
      await expect(adapter({ deployMs: 200 }).attach(node.id, image, DEVICE, wait())).rejects.toMatchObject({
        reason: "HYPERVISOR_UNREACHABLE",
        message: expect.stringContaining("is still deploying after 200 ms"),
      });
    }
    // As a service does that was started anew.
    const next = adapter();
    await next.attach(node.id, image, DEVICE, wait());
    expect(await seen(next, node.id)).toEqual({ [image.driveId]: 1 });
    expect(await node.disk()).toEqual([image.sha256]);
  });

  test("Ironic killed in the middle of a rebuild: nothing is claimed, and the drive can go or come", async () => {
    const image = await sampleIso(images, randomUUID(), 1);
    await node.start();
    const hypervisor = adapter();
    {
      await using _waiting = await ironic.deploys("wait");
      const attached = hypervisor.attach(node.id, image, DEVICE, wait());
      const refused = expect(attached).rejects.toMatchObject({ reason: expect.stringMatching(/^HYPERVISOR_/) });
      await node.comesTo("deploying");
      await ironic.restart();
      await refused;
    }
    // A conductor that comes back gives up what it was at.
    await node.comesTo("deploy failed");
    expect((await seen(hypervisor, node.id))?.[image.driveId] ?? 0).toBe(0);
    await put(hypervisor, node.id, image, {});
    await node.start();
    expect(await node.disk()).toEqual([image.sha256]);
  });

  test("an instance that was undeployed is nobody's, and its drive is gone", async () => {
    const hypervisor = adapter({ rebuild: false });
    const image = await sampleIso(images, randomUUID(), 1);
    await put(hypervisor, node.id, image, {});
    await node.start();
    await node.provision("deleted", "available");
    expect(await seen(hypervisor, node.id)).toBeUndefined();
    await hypervisor.detach(node.id, image.driveId, DEVICE, false, wait());
    expect(await ironic.kept()).toEqual([]);
  });

  test("virtual media: refused on a node that is not deployed, and where the API has none, with what would work", async () => {
    const media = { host: "127.0.0.1", port: await freePort(), url: "http://localhost:1", newName: randomUUID };
    const hypervisor = adapter({ media });
    const image = await sampleIso(images, randomUUID(), 1);
    await expect(hypervisor.choose(node.id, image, { kind: "cdrom" }, wait())).rejects.toMatchObject({
      reason: "INSTANCE_NOT_RUNNING",
      message: expect.stringContaining("would work: deploy the node first, or disk on scsi"),
    });
    await node.start();
    await expect(hypervisor.choose(node.id, image, {}, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringMatching(/needs version 1\.93 .*1\.82.*would work: disk on scsi/s),
    });
    await put(hypervisor, node.id, image, { kind: "disk" });
    expect(await node.disk()).toEqual([image.sha256]);
  });

  test("the certificate counts", async () => {
    const refused = (told: string) => ({ reason: "HYPERVISOR_UNREACHABLE", message: expect.stringContaining(told) });
    const stranger = adapter({ caFile: ironic.certificates.client.certificate });
    await expect(stranger.observe(node.id, wait())).rejects.toMatchObject(refused("certificate"));
    const lost = adapter({ caFile: "/nowhere/ca.pem" });
    await expect(lost.observe(node.id, wait())).rejects.toMatchObject(refused("CA file cannot be read"));
  });
});
