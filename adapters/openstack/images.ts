import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { z } from "zod";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { nameOf } from "./names.js";
import { OpenstackError, unlessNotFound } from "./session.js";
import { type Use, undo } from "./use.js";

const imageForm = z.object({ id: z.uuid() });
const listForm = z.object({ images: z.array(imageForm) });

/** An image in Glance. */
export interface HeldImage {
  readonly id: string;
  /** With the zeros at its end. */
  readonly bytes: number;
}

/** So many zeros are sent at a time. */
const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Has Glance hold an image while something is made of it, and takes it away again on every path. Refuses with HYPERVISOR_FAILED an
 * image that is not whole, before anything is sent.
 * @param atLeast - how many bytes it is to have: zeros follow the image's own, over what a volume held before
 */
export async function withImage<T>(
  use: Use,
  image: PlacedImage,
  atLeast: number,
  work: (held: HeldImage) => Promise<T>,
): Promise<T> {
  await using file = await openWhole(use, image);
  try {
    const { id } = imageForm.parse(
      await use.session.call("image", "POST", "/images", use.signal, { body: form(image) }),
    );
    const bytes = () => Readable.from(content(file, image.sizeBytes, atLeast), { objectMode: false });
    await use.session.upload(`/images/${id}/file`, bytes, use.taskMs, use.signal);
    return await work({ id, bytes: Math.max(image.sizeBytes, atLeast) });
  } finally {
    await undo(use, (now) => sweepImages(now, image.driveId, unlessInUse));
  }
}

/**
 * Removes every image that stands for a drive, also what an earlier process of this service did not come to remove.
 * @param pass - passes over what an image need not be removed for, and throws anything else again
 */
export async function sweepImages({ session, signal }: Use, driveId: string, pass = unlessNotFound): Promise<void> {
  const path = `/images?name=${nameOf(driveId)}&visibility=private`;
  const { images } = listForm.parse(await session.call("image", "GET", path, signal));
  for (const { id } of images) {
    await session.call("image", "DELETE", `/images/${id}`, signal).catch(pass);
  }
}

/** For an image that a volume is a clone of, as on Ceph: Glance keeps it (409) as long as that volume is there. */
export function unlessInUse(error: unknown): undefined {
  if (error instanceof OpenstackError && error.status === 409) return undefined;
  return unlessNotFound(error);
}

/** Glance's description of it: an ISO is one, everything else is bytes (Image API v2, "Disk formats"). */
function form({ driveId, format }: PlacedImage): object {
  return {
    name: nameOf(driveId),
    disk_format: format === "iso9660" ? "iso" : "raw",
    container_format: "bare",
    visibility: "private",
  };
}

async function openWhole({ instanceId }: Use, { path, sizeBytes }: PlacedImage): Promise<FileHandle> {
  const failed = (why: string, cause?: unknown) =>
    new Refusal("HYPERVISOR_FAILED", `the image cannot be brought to OpenStack: ${why}`, {
      metadata: { hypervisor: "openstack", instance_id: instanceId },
      cause,
    });
  const file = await open(path).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error), error);
  });
  const { size } = await file.stat();
  if (size === sizeBytes && size > 0) return file;
  await file.close();
  throw failed(`${path} has ${size} bytes, not ${sizeBytes}`);
}

async function* content(file: FileHandle, sizeBytes: number, atLeast: number): AsyncGenerator<Buffer> {
  yield* file.createReadStream({ autoClose: false, start: 0, end: sizeBytes - 1 });
  for (let left = atLeast - sizeBytes; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
