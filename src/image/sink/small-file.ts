import { hash } from "node:crypto";
import type { ImagePlan } from "../plan.js";
import { DigestMismatch } from "./errors.js";
import type { WriteOptions, WrittenImage } from "./file.js";
import { idlePlacingThread, type Place } from "./placing.js";
import { STAGING_BYTES } from "./staging-pool.js";
import { wholeImage } from "./whole.js";
import { dataStretches } from "./zeros.js";

/** Until an image is whole, it is its owner's alone. */
export const PRIVATE = 0o600;

/**
 * Writes a small image that is in memory already, as `writeImage` does, in one go on a thread of its own. Gives `undefined`, and has done
 * nothing, for any other image and where the thread is not free.
 * @throws as `writeImage`
 */
export async function writeSmallImage(
  plan: ImagePlan,
  place: Place,
  options: WriteOptions,
): Promise<WrittenImage | undefined> {
  if (plan.size > STAGING_BYTES) return undefined;
  const thread = idlePlacingThread();
  const image = thread && wholeImage(plan, thread.bytes);
  if (thread === undefined || image === undefined) return undefined;
  const file = {
    ...place,
    size: plan.size,
    stretches: [...dataStretches(image)],
    // It has the private mode already; a umask that takes from the owner is not one that a service runs with.
    mode: options.mode === PRIVATE ? undefined : options.mode,
    sync: options.sync !== false,
  };
  // A digest that the image must have is seen before the file is; any other is made while the thread writes and waits for the disk.
  let sha256 = options.sha256 === undefined ? undefined : hash("sha256", image);
  if (options.sha256 !== undefined && sha256 !== options.sha256) throw new DigestMismatch(options.sha256, sha256);
  const placed = thread.place(file, options.signal);
  if (options.digest !== false) sha256 ??= hash("sha256", image);
  await placed;
  options.onProgress?.(plan.size, plan.size);
  return { size: plan.size, sha256 };
}
