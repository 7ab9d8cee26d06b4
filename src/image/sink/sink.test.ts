import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import fc from "#integration/rigs/properties.js";
import type { Extent, ImagePlan } from "../plan.js";
import { type ByteSource, fromBytes } from "../tree.js";
import { planDigest } from "./digest.js";
import { ImageWriteError, SourceLengthError } from "./errors.js";
import { isPartialImage, writeImage } from "./file.js";
import { borrowStaging } from "./staging-pool.js";
import { imageStream } from "./stream.js";

let directory: string;
beforeEach(async () => {
  directory = await privateDirectory("sink");
  // What an earlier image left in a staging buffer must never come out in a later one.
  using one = borrowStaging();
  using other = borrowStaging();
  one.buffer.fill(0xd1);
  other.buffer.fill(0xd1);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function planOf(size: number, ...extents: Extent[]): ImagePlan {
  return { format: "raw", size, label: undefined, extents };
}

function later(bytes: Uint8Array, chunk: number, claimed = bytes.length): ByteSource {
  return {
    size: claimed,
    async *read() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}

/** What the plan says, put together the plainest way. */
function expected(size: number, parts: readonly (readonly [number, Uint8Array])[]): Buffer {
  const image = Buffer.alloc(size);
  for (const [offset, bytes] of parts) image.set(bytes, offset);
  return image;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function streamed(plan: ImagePlan): Promise<Buffer> {
  return Buffer.concat(await chunksOf(plan));
}

async function chunksOf(plan: ImagePlan): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of imageStream(plan)) chunks.push(chunk);
  return chunks;
}

const MIB = 1 << 20;
const LARGE = Buffer.alloc(MIB, 1);

describe("the three sinks", () => {
  it("give the same bytes and digest for any plan, from memory and from sources that are read", async () => {
    const part = fc.record({
      gap: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(65535, 65536, 65537, MIB + 1)),
      size: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(65535, 65536, 65537, MIB, MIB + 1, 3 * MIB)),
      fill: fc.constantFrom(0, 0x5a),
      chunk: fc.option(fc.constantFrom(1000, 70_000), { nil: undefined }),
    });
    const trees = fc.tuple(fc.array(part, { maxLength: 6 }), fc.constantFrom(0, 1, 511, 65536, MIB + 3));
    await fc.assert(
      fc.asyncProperty(trees, async ([parts, tail]) => {
        let at = 0;
        const placed = parts.map(({ gap, size, fill, chunk }) => {
          const bytes = Buffer.alloc(size, fill);
          if (size > 2) bytes[size - 2] = 1;
          const offset = at + gap;
          at = offset + size;
          return { offset, bytes, data: chunk === undefined ? fromBytes(bytes) : later(bytes, chunk) };
        });
        const image = expected(
          at + tail,
          placed.map(({ offset, bytes }) => [offset, bytes]),
        );
        const plan = planOf(at + tail, ...placed);
        const path = join(directory, "image");
        const written = await writeImage(plan, path, { mode: 0o600, sync: false });
        expect(written).toEqual({ size: image.length, sha256: sha256(image) });
        expect((await readFile(path)).equals(image)).toBe(true);
        expect((await streamed(plan)).equals(image)).toBe(true);
        expect(await planDigest(plan)).toBe(written.sha256);
      }),
      { numRuns: process.env.FORM === "full" ? 40 : 10 },
    );
  });
});

describe("writeImage", () => {
  const small = planOf(4096, { offset: 1024, data: fromBytes(Buffer.from("data")) });

  it("replaces what stood there, with the mode that was asked for whatever the umask, and leaves nothing else", async () => {
    const path = join(directory, "image");
    await writeFile(path, "before");
    const umask = process.umask(0o077);
    try {
      await writeImage(small, path, { mode: 0o644 });
    } finally {
      process.umask(umask);
    }
    expect((await stat(path)).mode & 0o7777).toBe(0o644);
    expect((await readFile(path)).equals(expected(4096, [[1024, Buffer.from("data")]]))).toBe(true);
    expect(await readdir(directory)).toEqual(["image"]);
  });

  it("leaves holes where the image is zero, between extents and inside of data", async () => {
    const data = Buffer.alloc(8 * MIB);
    data[4 * MIB] = 1;
    const path = join(directory, "image");
    await writeImage(planOf(64 * MIB, { offset: MIB, data: fromBytes(data) }), path, { mode: 0o600, digest: false });
    const { size, blocks } = await stat(path);
    expect(size).toBe(64 * MIB);
    expect(blocks * 512).toBeLessThanOrEqual(2 << 16);
  });

  it("gives an image of no bytes its mode too", async () => {
    const path = join(directory, "image");
    expect(await writeImage(planOf(0), path, { mode: 0o640 })).toEqual({ size: 0, sha256: sha256(Buffer.alloc(0)) });
    expect((await stat(path)).mode & 0o7777).toBe(0o640);
  });

  it("stops at a signal while it hashes a hole", async () => {
    const abort = new AbortController();
    const write = writeImage(planOf(2 ** 42), join(directory, "image"), { mode: 0o600, signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 5);
    await expect(write).rejects.toThrow("enough");
    expect(await readdir(directory)).toEqual([]);
  });

  it("tells how far it is, up to the whole", async () => {
    const seen: number[] = [];
    const plan = planOf(5 * MIB, { offset: 0, data: fromBytes(Buffer.alloc(3 * MIB, 1)) });
    await writeImage(plan, join(directory, "image"), {
      mode: 0o600,
      onProgress: (done, size) => {
        expect(size).toBe(5 * MIB);
        seen.push(done);
      },
    });
    expect(seen).toEqual([MIB, 2 * MIB, 3 * MIB, 5 * MIB]);
  });

  it("stops at a signal, also within one large buffer, and leaves what stood there", async () => {
    const path = join(directory, "image");
    await writeFile(path, "before");
    const abort = new AbortController();
    const plan = planOf(64 * MIB, { offset: 0, data: fromBytes(Buffer.alloc(64 * MIB, 1)) });
    const reason = new Error("enough");
    const write = writeImage(plan, path, {
      mode: 0o600,
      signal: abort.signal,
      onProgress: (done) => done >= 2 * MIB && abort.abort(reason),
    });
    await expect(write).rejects.toBe(reason);
    expect(await readdir(directory)).toEqual(["image"]);
    expect(await readFile(path, "utf8")).toBe("before");
  });

  it.each([
    ["fewer", 9],
    ["more", 11],
  ])("refuses a source that gives %s bytes than it said, and leaves nothing", async (_, length) => {
    const plan = planOf(10, { offset: 0, data: later(Buffer.alloc(length, 1), 4, 10) });
    await expect(writeImage(plan, join(directory, "image"), { mode: 0o600 })).rejects.toThrow(SourceLengthError);
    await expect(planDigest(plan)).rejects.toThrow(SourceLengthError);
    await expect(streamed(plan)).rejects.toThrow(SourceLengthError);
    expect(await readdir(directory)).toEqual([]);
  });

  it("passes a source's own error on as it is, also one of a file that the source read, and leaves nothing", async () => {
    const gone = Object.assign(new Error("gone"), { code: "ENOENT", syscall: "open" });
    const data: ByteSource = {
      size: 1,
      // biome-ignore lint/correctness/useYield: it fails before its first byte
      async *read() {
        throw gone;
      },
    };
    const write = writeImage(planOf(1, { offset: 0, data }), join(directory, "image"), { mode: 0o600 });
    await expect(write).rejects.toBe(gone);
    expect(await readdir(directory)).toEqual([]);
  });

  it("names a missing directory and a place that is a directory", async () => {
    const write = (plan: ImagePlan, name: string): Promise<unknown> =>
      writeImage(plan, join(directory, name), { mode: 0o600, digest: false });
    await expect(write(small, "none/image")).rejects.toMatchObject({ failure: "missing-directory", code: "ENOENT" });
    await expect(writeImage(small, directory, { mode: 0o600 })).rejects.toThrow(ImageWriteError);
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ["ENOSPC", "no-space"],
    ["EDQUOT", "no-space"],
    ["EFBIG", "too-large"],
    ["EROFS", "not-permitted"],
    ["EIO", "io"],
  ])("calls %s by what the operator can do: %s", (code, failure) => {
    expect(new ImageWriteError("image", code, undefined)).toMatchObject({ failure, code });
  });

  it("calls a file under way by a name that tells what it is", async () => {
    const names: string[] = [];
    const data: ByteSource = {
      size: 1,
      async *read() {
        names.push(...(await readdir(directory)));
        yield Buffer.alloc(1);
      },
    };
    await writeImage(planOf(1, { offset: 0, data }), join(directory, "disk.config"), { mode: 0o600 });
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^\.disk\.config\./);
    expect(names.every(isPartialImage)).toBe(true);
    expect(isPartialImage("disk.config")).toBe(false);
  });
});

it.each([
  [
    "overlap",
    planOf(9, { offset: 0, data: fromBytes(Buffer.alloc(5)) }, { offset: 4, data: fromBytes(Buffer.alloc(5)) }),
  ],
  ["go beyond the image", planOf(4, { offset: 0, data: fromBytes(Buffer.alloc(5)) })],
])("refuses a plan whose extents %s, and leaves nothing", async (_, plan) => {
  await expect(writeImage(plan, join(directory, "image"), { mode: 0o600 })).rejects.toThrow(RangeError);
  expect(await readdir(directory)).toEqual([]);
});

it.each([
  ["a hole", planOf(2 ** 40)],
  ["data", planOf(1 << 29, ...Array.from({ length: 512 }, (_, i) => ({ offset: i * MIB, data: fromBytes(LARGE) })))],
])("gives others their turn while it hashes %s, and stops at a signal", async (_, plan) => {
  const abort = new AbortController();
  const digest = planDigest(plan, abort.signal);
  setImmediate(() => abort.abort(new Error("enough")));
  await expect(digest).rejects.toThrow("enough");
});

describe("imageStream", () => {
  it("gives chunks that stay as they are while the stream goes on", async () => {
    const parts = Array.from({ length: 40 }, (_, i) => Buffer.alloc(60_000, i));
    const plan = planOf(2_400_000, ...parts.map((bytes, i) => ({ offset: i * 60_000, data: fromBytes(bytes) })));
    const chunks = await chunksOf(plan);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
  });

  it("tells how far it is, and the digest at the end", async () => {
    const plan = planOf(200_000, { offset: 0, data: fromBytes(Buffer.alloc(100_000, 1)) });
    const done: number[] = [];
    const digests: string[] = [];
    const options = { onProgress: (at: number) => done.push(at), onDigest: (sha256: string) => digests.push(sha256) };
    for await (const chunk of imageStream(plan, options)) expect(chunk.length).toBeGreaterThan(0);
    expect(done).toEqual([100_000, 165_536, 200_000]);
    expect(digests).toEqual([await planDigest(plan)]);
  });

  it("ends at a signal in a hole", async () => {
    const abort = new AbortController();
    const stream = imageStream(planOf(1 << 30), { signal: abort.signal });
    await stream.next();
    abort.abort(new Error("enough"));
    await expect(stream.next()).rejects.toThrow("enough");
  });
});
