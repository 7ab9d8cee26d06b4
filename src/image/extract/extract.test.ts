import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { bytesInput } from "../input/input.js";
import type { ImageEntry, ImageVolume } from "../volume.js";
import { extractImage } from "./extract.js";

let directory: string;
beforeEach(async () => {
  directory = await privateDirectory("extract");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A volume in which every file holds the bytes of its own path. */
function volumeOf(...entries: Partial<ImageEntry>[]): ImageVolume {
  const whole = entries.map((entry) => ({ path: "", kind: "file" as const, size: entry.path?.length ?? 0, ...entry }));
  const bytes = Buffer.from(whole.map(({ path }) => path).join(""));
  return {
    input: bytesInput(bytes),
    info: { format: "raw", variant: "test", label: undefined, uuid: undefined, size: bytes.length, nameSpaces: [] },
    nameSpace: undefined,
    entries: whole,
    ranges: ({ path, size }) => [{ offset: bytes.indexOf(path), length: size }],
  };
}
const folder = (path: string) => ({ path, kind: "directory" as const, size: 0 });

test("writes files and directories with the owner's modes alone, and their times", async () => {
  const mtime = new Date("2020-02-03T04:05:06Z");
  const volume = volumeOf(
    folder("a"),
    folder("a/b"),
    { path: "a/b/deep", mode: 0o4777, mtime },
    { path: "a/c" },
    folder("d"),
    { path: "top" },
  );
  expect(await extractImage(volume, directory)).toEqual({ files: 3, directories: 3, bytes: 14, skipped: [] });
  expect(readFileSync(join(directory, "a/b/deep"), "utf8")).toBe("a/b/deep");
  expect(statSync(join(directory, "a/b/deep")).mode & 0o7777).toBe(0o700);
  expect(statSync(join(directory, "a/b/deep")).mtime).toEqual(mtime);
  expect(statSync(join(directory, "top")).mode & 0o7777).toBe(0o600);
  expect(statSync(join(directory, "a")).mode & 0o7777).toBe(0o700);
});

test("links and special files are skipped with the reason, and nothing is written through a link that is there", async () => {
  const outside = await privateDirectory("outside");
  try {
    symlinkSync(outside, join(directory, "a"));
    symlinkSync(join(outside, "target"), join(directory, "file"));
    const volume = volumeOf(
      folder("a"),
      { path: "a/inside" },
      { path: "file" },
      { path: "link", kind: "symlink", target: "/etc/passwd", size: 0 },
      { path: "device", kind: "other", size: 0 },
    );
    const { files, skipped } = await extractImage(volume, directory);
    expect(files).toBe(0);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      "a: something has this name already",
      "a/inside: the directory above it was skipped",
      "file: something has this name already",
      "link: symbolic links are not made",
      "device: special files are not made",
    ]);
    expect(existsSync(join(outside, "inside"))).toBe(false);
    expect(existsSync(join(outside, "target"))).toBe(false);
    expect(lstatSync(join(directory, "file")).isSymbolicLink()).toBe(true);
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test("a name that comes twice is written once", async () => {
  const { files, skipped } = await extractImage(volumeOf({ path: "same" }, { path: "same" }), directory);
  expect([files, skipped]).toEqual([1, [{ path: "same", reason: "something has this name already" }]]);
});

test("files that are too much together are refused before any is written", async () => {
  const volume = volumeOf({ path: "one" }, { path: "two" });
  await expect(extractImage(volume, directory, { mostBytes: 5 })).rejects.toThrow("at most 5 bytes (got 6)");
  expect(existsSync(join(directory, "one"))).toBe(false);
});

test("a destination that is a link is refused", async () => {
  mkdirSync(join(directory, "real"));
  symlinkSync("real", join(directory, "link"));
  await expect(extractImage(volumeOf({ path: "x" }), join(directory, "link"))).rejects.toThrow(/ENOTDIR|ELOOP/);
});

test("stops at the signal", async () => {
  const volume = volumeOf({ path: "x" });
  await expect(extractImage(volume, directory, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
    "enough",
  );
});
