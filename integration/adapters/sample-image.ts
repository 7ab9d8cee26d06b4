import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlacedImage } from "#drive/hypervisor.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { writeImage } from "#image/sink/file.js";
import { fromBytes } from "#image/tree.js";

/** An image at its place, with what a guest should read. */
export interface SampleImage extends PlacedImage {
  readonly sha256: string;
}

const CONTENT_BYTES = 100_000;

/** Writes an ISO with a file of random bytes. */
export async function sampleIso(folder: string, driveId: string, generation: number): Promise<SampleImage> {
  const path = await imagePath(folder, driveId, generation);
  const files = [{ path: "content", data: fromBytes(randomBytes(CONTENT_BYTES)) }];
  const plan = planIso9660({ files }, { label: "config-2", time: new Date(0) });
  const { size, sha256 = "" } = await writeImage(plan, path, { mode: 0o644 });
  return { driveId, generation, path, sizeBytes: size, format: "iso9660", sha256 };
}

/** Writes a NoCloud drive with these files. */
export async function cidataIso(
  folder: string,
  driveId: string,
  generation: number,
  texts: Readonly<Record<string, string>>,
): Promise<SampleImage> {
  const path = await imagePath(folder, driveId, generation);
  const files = Object.entries(texts).map(([name, text]) => ({ path: name, data: fromBytes(Buffer.from(text)) }));
  const plan = planIso9660({ files }, { label: "cidata", time: new Date(0) });
  const { size, sha256 = "" } = await writeImage(plan, path, { mode: 0o644 });
  return { driveId, generation, path, sizeBytes: size, format: "iso9660", sha256 };
}

/** The first two generations of a drive. */
export async function twoGenerations(folder: string, driveId: string): Promise<[SampleImage, SampleImage]> {
  return [await sampleIso(folder, driveId, 1), await sampleIso(folder, driveId, 2)];
}

/** Writes a blob: any number of sectors of 512 bytes, with nothing in it that is a file system. */
export async function sampleBlob(folder: string, driveId: string, generation: number): Promise<SampleImage> {
  const path = await imagePath(folder, driveId, generation);
  const bytes = randomBytes(512 * 301);
  await writeFile(path, bytes, { mode: 0o644 });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { driveId, generation, path, sizeBytes: bytes.length, format: "raw", sha256 };
}

/** An image whose file is gone. */
export async function lostImage(folder: string, driveId: string, generation: number): Promise<SampleImage> {
  const image = await sampleIso(folder, driveId, generation);
  await rm(image.path);
  return image;
}

/** Where the service would put it. */
async function imagePath(folder: string, driveId: string, generation: number): Promise<string> {
  await mkdir(join(folder, driveId), { recursive: true, mode: 0o755 });
  return join(folder, driveId, `${generation}.img`);
}
