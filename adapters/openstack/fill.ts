import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { type HeldImage, withImage } from "./images.js";
import { OpenstackError } from "./session.js";
import type { Use } from "./use.js";
import { gibFor, type Volume } from "./volume.js";
import { createVolume, rewriteVolume } from "./volumes.js";

/** A volume with an image's content, for a drive that no server shows: one that is left of it is taken, or else one is made. */
export async function filled(use: Use, image: PlacedImage, left: readonly Volume[]): Promise<Volume> {
  const free = left.filter((volume) => volume.status === "available" && volume.servers.length === 0);
  const whole = free.find(({ generation }) => generation === image.generation);
  if (whole !== undefined) return whole;
  // One whose writing was cut off may hold anything.
  const older = free.find(({ generation }) => generation > 0);
  const atLeast = older === undefined ? image.sizeBytes : bytesOver(older, image);
  return await withImage(use, image, atLeast, async (held) =>
    older === undefined
      ? await createVolume(use, image, held, "for a server")
      : await refilled(use, older, image, held),
  );
}

/** A volume that nobody has with other content; where Cinder does not rewrite it, another one, whose description says why. */
export async function refilled(use: Use, own: Volume, image: PlacedImage, held: HeldImage): Promise<Volume> {
  const instead = (why: string) => createVolume(use, image, held, `in the place of volume ${own.id}: ${why}`);
  if (gibFor(held.bytes) > own.size)
    return await instead(`that one has ${own.size} GiB, and the image ${held.bytes} bytes`);
  try {
    return await rewriteVolume(use, own, image, held);
  } catch (error) {
    const why = refusalOfCinder(error);
    if (why === undefined || use.signal.aborted) throw error;
    return await instead(why);
  }
}

/** How many bytes are written to a volume for an image: zeros go over what it held and the image does not reach. */
export function bytesOver(own: Volume, image: PlacedImage): number {
  return Math.max(own.bytes, image.sizeBytes);
}

/** What Cinder has against rewriting the volume: an old API (406), a policy (403), a state (400); or what went wrong with it. */
function refusalOfCinder(error: unknown): string | undefined {
  if (error instanceof OpenstackError && [400, 403, 404, 406, 409].includes(error.status)) return error.message;
  return error instanceof Refusal && error.reason === "HYPERVISOR_FAILED" ? error.message : undefined;
}
