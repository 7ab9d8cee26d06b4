import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import fc from "#integration/rigs/properties.js";
import { until } from "#integration/rigs/wait.js";
import type { Extent, ImagePlan } from "../plan.js";
import { fromBytes } from "../tree.js";
import { writeImage } from "./file.js";
import { idlePlacingThread } from "./placing.js";

let directory: string;
beforeAll(async () => {
  await until(10_000, "the thread", () => idlePlacingThread());
});
beforeEach(async () => {
  directory = await privateDirectory("small-file");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function planOf(size: number, ...extents: Extent[]): ImagePlan {
  return { format: "raw", size, label: undefined, extents };
}

const MIB = 1 << 20;
const small = planOf(4096, { offset: 1024, data: fromBytes(Buffer.from("data")) });

/** Writes on the thread, which is known to be free before and busy at once. */
function writeOnThread(...args: Parameters<typeof writeImage>): ReturnType<typeof writeImage> {
  const thread = idlePlacingThread();
  expect(thread?.idle).toBe(true);
  const written = writeImage(...args);
  expect(thread?.busy).toBe(true);
  return written;
}

it("writes what the plan says, with holes and digest, whatever stood in its buffer before", async () => {
  const part = fc.record({ gap: fc.nat(150_000), size: fc.nat(150_000), fill: fc.constantFrom(0, 0x5a) });
  const plans = fc.tuple(fc.array(part, { maxLength: 3 }), fc.constantFrom(0, 1, 65_536));
  await fc.assert(
    fc.asyncProperty(plans, fc.boolean(), async ([parts, tail], sync) => {
      let at = 0;
      const extents = parts.map(({ gap, size, fill }) => {
        const offset = at + gap;
        at = offset + size;
        return { offset, data: fromBytes(Buffer.alloc(size, fill)) };
      });
      const image = Buffer.alloc(at + tail);
      for (const { offset, data } of extents) image.set(data.bytes ?? [], offset);
      const path = join(directory, "image");
      const progress: number[] = [];
      const options = { mode: 0o600, sync, onProgress: (done: number) => progress.push(done) };
      const written = await writeOnThread(planOf(image.length, ...extents), path, options);
      expect(written).toEqual({ size: image.length, sha256: createHash("sha256").update(image).digest("hex") });
      expect((await readFile(path)).equals(image)).toBe(true);
      expect(progress).toEqual([image.length]);
      expect(await readdir(directory)).toEqual(["image"]);
    }),
    { numRuns: 20 },
  );
});

it("puts nothing in place whose digest is not the one that it must have", async () => {
  const path = join(directory, "image");
  await writeFile(path, "before");
  const sha256 = createHash("sha256").update("other").digest("hex");
  expect(idlePlacingThread()).toBeDefined();
  await expect(writeImage(small, path, { mode: 0o600, sha256 })).rejects.toMatchObject({ expected: sha256 });
  expect(await readFile(path, "utf8")).toBe("before");
  expect(await readdir(directory)).toEqual(["image"]);
  const right = createHash("sha256")
    .update(Buffer.concat([Buffer.alloc(1024), Buffer.from("data")], 4096))
    .digest("hex");
  expect(await writeOnThread(small, path, { mode: 0o600, sha256: right })).toEqual({ size: 4096, sha256: right });
});

it("replaces what stood there, with the mode that was asked for whatever the umask; zeros become holes", async () => {
  const path = join(directory, "image");
  await writeFile(path, "before");
  const umask = process.umask(0o077);
  try {
    const { sha256 } = await writeOnThread(planOf(MIB), path, { mode: 0o644, digest: false });
    expect(sha256).toBeUndefined();
  } finally {
    process.umask(umask);
  }
  const { mode, size, blocks } = await stat(path);
  expect([mode & 0o7777, size, blocks]).toEqual([0o644, MIB, 0]);
});

it("takes images one by one; those that come meanwhile go the other way", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `image-${i}`);
  await Promise.all(names.map((name) => writeImage(small, join(directory, name), { mode: 0o600 })));
  expect((await readdir(directory)).sort()).toEqual(names);
});

it("names what the file system refuses, and leaves nothing", async () => {
  await expect(writeOnThread(small, join(directory, "none/image"), { mode: 0o600 })).rejects.toMatchObject({
    name: "ImageWriteError",
    failure: "missing-directory",
    code: "ENOENT",
    path: join(directory, "none/image"),
  });
  await mkdir(join(directory, "taken"));
  await expect(writeOnThread(small, join(directory, "taken"), { mode: 0o600 })).rejects.toMatchObject({
    code: "EISDIR",
  });
  expect(await readdir(directory)).toEqual(["taken"]);
  await writeOnThread(small, join(directory, "image"), { mode: 0o600 });
});

it("renames nothing once it is cancelled, and leaves what stood there", async () => {
  const path = join(directory, "image");
  await writeFile(path, "before");
  const thread = idlePlacingThread();
  const file = { directory, name: "image", partial: ".p", size: 1, stretches: [], mode: undefined, sync: true };
  const reason = new Error("enough");
  await expect(thread?.place(file, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(await readdir(directory)).toEqual(["image"]);
  expect(await readFile(path, "utf8")).toBe("before");
});

it("refuses a plan that is none before it does anything", async () => {
  const overlapping = planOf(9, ...[0, 4].map((offset) => ({ offset, data: fromBytes(Buffer.alloc(5)) })));
  await expect(writeImage(overlapping, join(directory, "image"), { mode: 0o600 })).rejects.toThrow(RangeError);
  expect(await readdir(directory)).toEqual([]);
});
