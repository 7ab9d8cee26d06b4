import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { PlacedImage } from "#drive/hypervisor.js";
import { encodeImage } from "./config-drive.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-drive-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function image(bytes: Buffer): Promise<PlacedImage> {
  const path = join(folder, "1.img");
  await writeFile(path, bytes);
  return { driveId: "d", generation: 1, path, sizeBytes: bytes.length, format: "raw" };
}

test("an image is gzip, then base64", async () => {
  const bytes = randomBytes(5000);
  const text = await encodeImage("i", await image(bytes), 10_000);
  expect(gunzipSync(Buffer.from(text, "base64"))).toEqual(bytes);
});

test("what counts against the limit is the text", async () => {
  const hollow = await image(Buffer.alloc(100_000));
  expect((await encodeImage("i", hollow, 1024)).length).toBeLessThan(1024);
  const full = await image(randomBytes(1000));
  const { length } = await encodeImage("i", full, 1_000_000);
  expect(await encodeImage("i", full, length)).toHaveLength(length);
  await expect(encodeImage("i", full, length - 1)).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    metadata: { limit_bytes: String(length - 1), actual_bytes: String(length) },
  });
});

test("an image that is gone, cut or empty is refused", async () => {
  const reason = "HYPERVISOR_FAILED";
  const whole = await image(randomBytes(1000));
  await expect(encodeImage("i", { ...whole, path: join(folder, "2.img") }, 10_000)).rejects.toMatchObject({
    reason,
    message: expect.stringContaining("the image cannot be read: ENOENT"),
  });
  await expect(encodeImage("i", { ...whole, sizeBytes: 1001 }, 10_000)).rejects.toMatchObject({ reason });
  await expect(encodeImage("i", await image(Buffer.alloc(0)), 10_000)).rejects.toMatchObject({ reason });
});
