import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlacedImage } from "#drive/hypervisor.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { FileHypervisor } from "./adapter.js";

const wait = { signal: new AbortController().signal };
const driveId = "0b0e6f6e-5a0e-4c1e-9a53-0c9d8b7f1a11";
let home = "";
let hypervisor: FileHypervisor;
beforeEach(async () => {
  home = await privateDirectory("file-adapter");
  await mkdir(join(home, "instances", "i1"), { recursive: true });
  hypervisor = new FileHypervisor(join(home, "instances"));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

async function image(generation: number): Promise<PlacedImage> {
  const path = join(home, `${generation}.img`);
  await writeFile(path, `generation ${generation}`);
  return { driveId, generation, path, sizeBytes: 12, format: "iso9660" };
}

test("attach, refresh and detach, each of them twice", async () => {
  const [one, two] = [await image(1), await image(2)];
  const device = await hypervisor.choose("i1", one, {}, wait);
  expect(device).toMatchObject({ kind: "cdrom", name: `${driveId}.img` });
  const shown = async () => (await hypervisor.observe("i1", wait))?.map(({ generation }) => generation);
  const seen = () => readFile(join(home, "instances", "i1", device.name), "utf8");
  for (const _ of [1, 2]) {
    await hypervisor.attach("i1", one, device, wait);
    expect([await shown(), await seen()]).toEqual([[1], "generation 1"]);
  }
  await expect(hypervisor.attach("i1", two, device, wait)).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
  for (const _ of [1, 2]) {
    await hypervisor.refresh("i1", two, device, false, wait);
    expect([await shown(), await seen()]).toEqual([[2], "generation 2"]);
  }
  for (const _ of [1, 2]) {
    await hypervisor.detach("i1", driveId, device, false, wait);
    expect(await shown()).toEqual([]);
  }
  expect(await readdir(join(home, "instances", "i1"))).toEqual([]);
});

test.each(["gone", "../i1", "", "a/b", ".."])("instance %p is not there", async (instanceId) => {
  const one = await image(1);
  const device = { kind: "disk", bus: "virtio", name: "", reason: "" } as const;
  const missing = expect.objectContaining({ reason: "INSTANCE_NOT_FOUND" });
  await expect(hypervisor.choose(instanceId, one, {}, wait)).rejects.toEqual(missing);
  await expect(hypervisor.attach(instanceId, one, device, wait)).rejects.toEqual(missing);
});

test("an instance that does not run has nothing to observe, and nothing to take", async () => {
  expect(await hypervisor.observe("gone", wait)).toBeUndefined();
  await hypervisor.detach("gone", driveId, { kind: "disk", bus: "virtio", name: "", reason: "" }, false, wait);
});

test("a link that a kill left beside its place is in nobody's way", async () => {
  const [one, two] = [await image(1), await image(2)];
  const folder = join(home, "instances", "i1");
  const device = await hypervisor.choose("i1", one, {}, wait);
  await symlink(one.path, join(folder, `.${driveId}.img.new`));
  expect(await hypervisor.observe("i1", wait)).toEqual([]);
  await hypervisor.attach("i1", two, device, wait);
  expect(await readdir(folder)).toEqual([`${driveId}.img`]);
  await symlink(one.path, join(folder, `.${driveId}.img.new`));
  await hypervisor.detach("i1", driveId, device, false, wait);
  expect(await readdir(folder)).toEqual([]);
});

test("what others put into the folder is none of ours", async () => {
  await writeFile(join(home, "instances", "i1", "notes.img"), "");
  expect(await hypervisor.observe("i1", wait)).toEqual([]);
});

test("two attaches at once are one; an image that is gone is refused, and the link stays as it was", async () => {
  const one = await image(1);
  const device = await hypervisor.choose("i1", one, {}, wait);
  await Promise.all([1, 2, 3].map(() => hypervisor.attach("i1", one, device, wait)));
  const lost = { ...one, generation: 2, path: join(home, "lost.img") };
  await expect(hypervisor.refresh("i1", lost, device, false, wait)).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: expect.stringContaining("lost.img"),
  });
  expect(await hypervisor.observe("i1", wait)).toMatchObject([{ generation: 1 }]);
});
