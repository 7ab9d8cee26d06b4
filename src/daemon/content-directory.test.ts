import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { ContentDirectory } from "./content-directory.js";

const wait = { signal: AbortSignal.timeout(10_000) };
const bytes = randomBytes(700_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
let root: string;
let contents: ContentDirectory;

beforeEach(async () => {
  root = join(await privateDirectory("contents"), "content");
  contents = await ContentDirectory.open(root);
});
afterEach(() => rm(join(root, ".."), { recursive: true }));

async function* parts(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

test("bytes stand under their digest, for their owner alone, and are read again", async () => {
  using hold = contents.hold();
  const stored = await hold.put(parts(bytes.subarray(0, 10), bytes.subarray(10)), wait);
  expect(stored).toEqual({ sha256, sizeBytes: bytes.length });
  expect(await readdir(root)).toEqual([sha256]);
  expect((await stat(join(root, sha256))).mode & 0o777).toBe(0o600);
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  expect((await whole(contents.read(stored))).equals(bytes)).toBe(true);
});

test("bytes that break off leave nothing", async () => {
  using hold = contents.hold();
  async function* cut() {
    yield bytes;
    throw new Error("cut");
  }
  await expect(hold.put(cut(), wait)).rejects.toThrow("cut");
  expect(await readdir(root)).toEqual([]);
});

test("a wait that ends leaves nothing", async () => {
  using hold = contents.hold();
  const controller = new AbortController();
  async function* slow() {
    yield bytes;
    controller.abort(new Error("no longer"));
    yield bytes;
  }
  await expect(hold.put(slow(), { signal: controller.signal })).rejects.toThrow("no longer");
  expect(await readdir(root)).toEqual([]);
});

test("what somebody holds is neither listed nor removed; afterwards it is", async () => {
  const hold = contents.hold();
  await hold.put(parts(bytes), wait);
  expect(await contents.list()).toEqual([]);
  const file = { name: sha256, sha256 };
  expect(await contents.discard(file)).toBe(false);
  hold[Symbol.dispose]();
  expect(await contents.list()).toEqual([file]);
  expect(await contents.discard(file)).toBe(true);
  expect(await readdir(root)).toEqual([]);
});

test("what was put again since it was listed is not removed", async () => {
  {
    using hold = contents.hold();
    await hold.put(parts(bytes), wait);
  }
  const [file] = await contents.list();
  {
    using hold = contents.hold();
    await hold.put(parts(bytes), wait);
  }
  expect(await contents.discard(file!)).toBe(false);
  expect(await readdir(root)).toEqual([sha256]);
});

test("what a killed writer left is listed without a digest", async () => {
  await writeFile(join(root, ".x.partial"), "half");
  expect(await contents.list()).toEqual([{ name: ".x.partial", sha256: undefined }]);
});

test("the note of whose the directory is belongs to no content", async () => {
  await writeFile(join(root, ".catalog"), "");
  expect(await contents.list()).toEqual([]);
});

test("content that is gone or cut is not taken, and reading it is refused", async () => {
  using hold = contents.hold();
  const stored = await hold.put(parts(bytes), wait);
  await writeFile(join(root, sha256), "cut");
  expect(await hold.take(stored)).toBe(false);
  await expect(whole(contents.read(stored))).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
  await rm(join(root, sha256));
  expect(await hold.take(stored)).toBe(false);
  await expect(whole(contents.read(stored))).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
});
