import { chown, copyFile, lchown, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { extractImage } from "#image/extract/extract.js";
import { openImageFile } from "#image/input/file.js";
import { openImage } from "#image/open.js";

/** What a blob is called in its folder. */
const BLOB = "volume.img";

/**
 * The files of drives on this host, for containers to see: `DRIVE/GENERATION/`. Only root gets to them here; in a container they are its
 * root's alone.
 */
export class Trees {
  constructor(private readonly root: string) {}

  /** The folder of a generation. */
  folder(driveId: string, generation: number): string {
    return join(this.root, driveId, String(generation));
  }

  /**
   * Unpacks an image, whole or not at all; what an earlier attempt left is written anew. Refuses with HYPERVISOR_FAILED.
   * @param owner - the user and group of its files
   */
  async put(image: PlacedImage, owner: number, signal: AbortSignal): Promise<void> {
    const place = this.folder(image.driveId, image.generation);
    const beside = `${place}.new`;
    try {
      await stat(image.path);
      await mkdir(this.root, { recursive: true, mode: 0o700 });
      await rm(beside, { recursive: true, force: true });
      await mkdir(beside, { recursive: true, mode: 0o700 });
      await unpack(image, beside, signal);
      await give(beside, owner);
      await rm(place, { recursive: true, force: true });
      await rename(beside, place);
    } catch (error) {
      await rm(beside, { recursive: true, force: true });
      if (signal.aborted) throw signal.reason;
      const why = isNativeError(error) ? error.message : String(error);
      throw new Refusal("HYPERVISOR_FAILED", `the drive's files cannot be laid out: ${why}`, {
        metadata: { hypervisor: "lxd" },
        cause: error,
      });
    }
  }

  /** Removes one generation's folder. */
  async remove(driveId: string, generation: number): Promise<void> {
    await rm(this.folder(driveId, generation), { recursive: true, force: true });
  }

  /** Removes all of a drive's folders. */
  async sweep(driveId: string): Promise<void> {
    await rm(join(this.root, driveId), { recursive: true, force: true });
  }
}

async function unpack({ path, format }: PlacedImage, folder: string, signal: AbortSignal): Promise<void> {
  if (format === "raw") return await copyFile(path, join(folder, BLOB));
  using file = openImageFile(path);
  const { skipped } = await extractImage(openImage(file), folder, { signal });
  const [first] = skipped;
  if (first !== undefined) throw new Error(`${first.path}: ${first.reason}`);
}

async function give(folder: string, owner: number): Promise<void> {
  await chown(folder, owner, owner);
  for (const name of await readdir(folder, { recursive: true })) await lchown(join(folder, name), owner, owner);
}
