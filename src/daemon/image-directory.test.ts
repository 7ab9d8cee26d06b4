import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { planRaw } from "#image/raw.js";
import { fromBytes } from "#image/tree.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { ImageDirectory } from "./image-directory.js";

const wait = { signal: new AbortController().signal };
const driveId = "0b0e6f6e-5a0e-4c1e-9a53-0c9d8b7f1a11";
const plan = planRaw(fromBytes(Buffer.from("hello")));
const bytes = Buffer.concat([Buffer.from("hello"), Buffer.alloc(507)]);
let home = "";
let root = "";
beforeEach(async () => {
  home = await privateDirectory("images");
  root = join(home, "images");
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

const modeOf = async (path: string) => ((await lstat(path)).mode & 0o7777).toString(8);

test("an image is placed, found, read and removed; each of them twice", async () => {
  const images = await ImageDirectory.open(root);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  for (const _ of [1, 2]) expect(await images.place(driveId, 1, plan, wait)).toEqual({ sizeBytes: 512, sha256 });
  const path = await images.locate(driveId, 1, 512);
  expect(path).toBe(join(root, driveId, "1.img"));
  expect(await readFile(path ?? "")).toEqual(bytes);
  using image = await images.read(driveId, 1);
  expect(image?.read(0, image.size)).toEqual(bytes);
  expect(await images.list()).toEqual([{ driveId, generation: 1, name: "1.img" }]);
  for (const _ of [1, 2]) {
    await images.remove(driveId, 1);
    expect(await images.locate(driveId, 1, 512)).toBeUndefined();
    expect(await images.read(driveId, 1)).toBeUndefined();
  }
  for (const _ of [1, 2]) await images.removeDrive(driveId);
  expect(await readdir(root)).toEqual([]);
});

test("only the owner may read, whatever the umask; others only where that was asked for", async () => {
  const before = process.umask(0);
  try {
    const images = await ImageDirectory.open(root);
    await images.place(driveId, 1, plan, wait);
    expect([await modeOf(root), await modeOf(join(root, driveId)), await modeOf(join(root, driveId, "1.img"))]).toEqual(
      ["700", "700", "600"],
    );
    process.umask(0o077);
    const shared = await ImageDirectory.open(root, {
      fileMode: 0o640,
      directoryMode: 0o750,
      groupId: process.getgid?.() ?? 0,
    });
    await shared.place(driveId, 2, plan, wait);
    expect([await modeOf(join(root, driveId)), await modeOf(join(root, driveId, "2.img"))]).toEqual(["750", "640"]);
  } finally {
    process.umask(before);
  }
});

test("an image of another size is not there", async () => {
  const images = await ImageDirectory.open(root);
  await images.place(driveId, 1, plan, wait);
  expect(await images.locate(driveId, 1, 511)).toBeUndefined();
});

test("links are not followed: not for the drive's folder, not for the image, not for what is removed", async () => {
  const images = await ImageDirectory.open(root);
  const elsewhere = join(home, "elsewhere");
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, "1.img"), bytes);
  await symlink(elsewhere, join(root, driveId));
  const refused = expect.objectContaining({ reason: "STORAGE_FAILED" });
  await expect(images.place(driveId, 1, plan, wait)).rejects.toEqual(refused);
  await expect(images.locate(driveId, 1, 512)).rejects.toEqual(refused);
  await expect(images.remove(driveId, 1)).rejects.toEqual(refused);
  expect(await images.list()).toEqual([]);
  await rm(join(root, driveId));
  await images.place(driveId, 2, plan, wait);
  await symlink(join(elsewhere, "1.img"), join(root, driveId, "1.img"));
  await expect(images.locate(driveId, 1, 512)).rejects.toEqual(refused);
  await expect(images.read(driveId, 1)).rejects.toEqual(refused);
  await images.place(driveId, 1, plan, wait);
  expect((await lstat(join(root, driveId, "1.img"))).isFile()).toBe(true);
  await images.removeDrive(driveId);
  expect(await readFile(join(elsewhere, "1.img"))).toEqual(bytes);
});

test("what is no regular file is not waited for: refused, as a store that a link stands for is", async () => {
  const images = await ImageDirectory.open(root);
  await images.place(driveId, 1, plan, wait);
  await mkdir(join(root, driveId, "2.img"));
  execFileSync("mkfifo", [join(root, driveId, "3.img")]);
  const refused = { reason: "STORAGE_FAILED" };
  await expect(images.locate(driveId, 2, 512)).rejects.toMatchObject(refused);
  await expect(images.locate(driveId, 3, 0)).rejects.toMatchObject(refused);
  await rename(root, `${root}.aside`);
  await symlink(`${root}.aside`, root);
  await expect(images.locate(driveId, 1, 512)).rejects.toMatchObject(refused);
});

test.each(["..", ".", "", "a/b", "0B0E6F6E-5A0E-4C1E-9A53-0C9D8B7F1A11"])("%p is no drive", async (id) => {
  const images = await ImageDirectory.open(root);
  await expect(images.place(id, 1, plan, wait)).rejects.toMatchObject({ reason: "INTERNAL" });
  await expect(images.removeDrive(id)).rejects.toMatchObject({ reason: "INTERNAL" });
});

test("what a cut-off write left is listed as such, and can be discarded", async () => {
  const images = await ImageDirectory.open(root);
  await images.place(driveId, 1, plan, wait);
  await writeFile(join(root, driveId, ".2.img.0123456789abcdef.partial"), "half");
  const left = (await images.list()).filter(({ generation }) => generation === undefined);
  expect(left).toEqual([{ driveId, generation: undefined, name: ".2.img.0123456789abcdef.partial" }]);
  for (const file of left) await images.discard(file);
  expect(await readdir(join(root, driveId))).toEqual(["1.img"]);
});

test("a write that is stopped leaves nothing", async () => {
  const images = await ImageDirectory.open(root);
  const stop = new AbortController();
  const data = {
    size: 1 << 20,
    read: async function* () {
      yield Buffer.alloc(1 << 19);
      stop.abort(new DOMException("stopped", "TimeoutError"));
      yield Buffer.alloc(1 << 19);
    },
  };
  await expect(images.place(driveId, 1, planRaw(data), { signal: stop.signal })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  expect(await readdir(join(root, driveId))).toEqual([]);
});

test("a folder that cannot be written to is told", async () => {
  await writeFile(root, "a file stands there");
  await expect(ImageDirectory.open(root)).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
});
