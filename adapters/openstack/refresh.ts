import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { attach, shownTo } from "./attach.js";
import { removeUnused } from "./detach.js";
import { type HeldImage, sweepImages, withImage } from "./images.js";
import type { Server } from "./server.js";
import { OpenstackError } from "./session.js";
import { undo } from "./use.js";
import { gibFor, settle, type Volume, volumesOf } from "./volume.js";
import { createVolume, rewriteVolume } from "./volumes.js";

/**
 * Lets the server's volume hold another generation: it is detached, rewritten by Cinder, and attached again. Where Cinder does not
 * rewrite it, another volume takes its place, whose description says why.
 */
export async function refresh(server: Server, image: PlacedImage): Promise<void> {
  const { use } = server;
  await sweepImages(use, image.driveId);
  const own = (await volumesOf(use, image.driveId)).find((volume) => shownTo(volume, use.instanceId));
  if (own === undefined || own.generation === image.generation) return await attach(server, image);
  // Zeros go over what the volume held and the new image does not reach.
  await withImage(use, image, Math.max(own.bytes, image.sizeBytes), async (held) => {
    await server.detach(own.id);
    try {
      const next = await filled(server, own, image, held);
      await server.attach(next.id);
      await removeUnused(use, image.driveId);
    } catch (error) {
      await undo(use, (now) => giveBack(server.for(now), own, image.driveId));
      throw error;
    }
  });
}

/** The volume with the new content, or another one. */
async function filled({ use }: Server, own: Volume, image: PlacedImage, held: HeldImage): Promise<Volume> {
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

/** What Cinder has against rewriting the volume: an old API (406), a policy (403), a state (400); or what went wrong with it. */
function refusalOfCinder(error: unknown): string | undefined {
  if (error instanceof OpenstackError && [400, 403, 404, 406, 409].includes(error.status)) return error.message;
  return error instanceof Refusal && error.reason === "HYPERVISOR_FAILED" ? error.message : undefined;
}

/** Attaches a volume again that still holds what it held. */
async function giveBack(server: Server, own: Volume, driveId: string): Promise<void> {
  const now = await settle(server.use, own.id);
  if (now?.status === "available" && now.generation === own.generation) await server.attach(own.id);
  await removeUnused(server.use, driveId);
}
