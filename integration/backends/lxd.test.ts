import { randomUUID } from "node:crypto";
import { mkdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { LxdHypervisor } from "#adapters/lxd/adapter.js";
import { LxdApi } from "#adapters/lxd/api.js";
import { Container } from "#adapters/lxd/container.js";
import { expectedFiles, Lxd, type LxdContainer } from "#integration/rigs/lxd.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleIso } from "../adapters/sample-image.js";

const ANSWER_MS = 30_000;

let lxd: Lxd;
let hypervisor: LxdHypervisor;
let container: LxdContainer;
let images: string;

beforeAll(async () => {
  lxd = await Lxd.start();
  images = join(lxd.directory, "images");
  await mkdir(images);
  const { socket, trees, mountPath } = lxd;
  hypervisor = new LxdHypervisor({ socket, trees, mountPath, answerMs: ANSWER_MS });
  container = await lxd.container();
  await container.start();
  await container.booted();
}, 120_000);
afterAll(async () => {
  await hypervisor?.close();
  await lxd?.[Symbol.asyncDispose]();
}, 60_000);

/** A device of the container's own, that a user gave it. */
async function ownDevice(path: string): Promise<AsyncDisposable> {
  await lxd.lxc("config", "device", "add", container.name, "own", "disk", `source=${images}`, `path=${path}`);
  return {
    async [Symbol.asyncDispose]() {
      await lxd.lxc("config", "device", "remove", container.name, "own");
    },
  };
}

test("the path is taken: refused, nothing is left, and the drive comes once it is free", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  const path = lxd.mountPath.replace("{drive_id}", image.driveId);
  {
    await using _own = await ownDevice(path);
    await expect(put(hypervisor, container.name, image, {})).rejects.toMatchObject({
      reason: "DEVICE_BUSY",
      message: expect.stringContaining("would work: [lxd] mount_path where the container has nothing"),
    });
    expect(await seen(hypervisor, container.name)).toEqual({});
    expect(await lxd.kept()).toEqual([]);
  }
  const device = await put(hypervisor, container.name, image, {});
  expect(await container.files()).toEqual((await expectedFiles(image, lxd.directory)).toSorted());
  await hypervisor.detach(container.name, image.driveId, device, false, wait());
});

test("a container that somebody changes after it was read keeps that change, and gets the drive", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  const use = { api: new LxdApi(lxd.socket, ANSWER_MS), instanceId: container.name, ...wait() };
  const before = await Container.read(use);
  await lxd.lxc("config", "set", container.name, "user.note=theirs");
  await before.show(image.driveId, images, lxd.mountPath.replace("{drive_id}", image.driveId));
  expect((await lxd.lxc("config", "get", container.name, "user.note")).trim()).toBe("theirs");
  expect(await lxd.lxc("config", "device", "list", container.name)).toContain(`configdrive-${image.driveId}`);
  await before.take(image.driveId);
  expect((await lxd.lxc("config", "device", "list", container.name)).trim()).toBe("");
});

test("an image that was cut is refused, and nothing is left of it", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  await truncate(image.path, image.sizeBytes / 2);
  await expect(put(hypervisor, container.name, image, {})).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: expect.stringContaining("cannot be laid out"),
  });
  expect(await seen(hypervisor, container.name)).toEqual({});
  expect(await lxd.kept()).toEqual([]);
});

test("another kind or bus is refused with what would work", async () => {
  const image = await sampleIso(images, randomUUID(), 1);
  for (const wish of [{ kind: "cdrom" }, { bus: "scsi" }] as const) {
    await expect(hypervisor.choose(container.name, image, wish, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringContaining("would work: disk on virtio"),
    });
  }
});
