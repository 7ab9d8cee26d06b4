import { rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { openImageFile } from "./file.js";

let directory: string;
beforeEach(async () => {
  directory = await privateDirectory("image-file");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("reads any range, and refuses what lies outside", () => {
  writeFileSync(join(directory, "image"), "0123456789");
  using file = openImageFile(join(directory, "image"));
  expect(file.size).toBe(10);
  expect(Buffer.from(file.read(3, 4)).toString()).toBe("3456");
  expect(() => file.read(8, 3)).toThrow("must lie inside the image of 10 bytes");
  expect(() => file.read(-1, 3)).toThrow("must lie inside the image of 10 bytes");
  expect(() => file.read(Number.NaN, 3)).toThrow("must lie inside the image of 10 bytes");
});

test("a link is followed only where that is asked for", () => {
  writeFileSync(join(directory, "image"), "x");
  symlinkSync("image", join(directory, "link"));
  expect(() => openImageFile(join(directory, "link"))).toThrow("ELOOP");
  using file = openImageFile(join(directory, "link"), { followLinks: true });
  expect(file.size).toBe(1);
});

test("a directory or a character device is no image", () => {
  expect(() => openImageFile(directory)).toThrow("a regular file or a block device");
  expect(() => openImageFile("/dev/zero")).toThrow("a regular file or a block device");
});

test("a file that shrinks is refused, not padded", () => {
  const path = join(directory, "image");
  writeFileSync(path, "0123456789");
  using file = openImageFile(path);
  truncateSync(path, 4);
  expect(() => file.read(0, 10)).toThrow("became shorter while it was read (got 4)");
});
