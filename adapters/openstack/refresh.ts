import type { PlacedImage } from "#drive/hypervisor.js";
import { attach, shownTo } from "./attach.js";
import { removeUnused, sweep } from "./detach.js";
import { bytesOver, refilled } from "./fill.js";
import { sweepImages, unlessInUse, withImage } from "./images.js";
import type { Server } from "./server.js";
import { undo } from "./use.js";
import { settle, type Volume, volumesOf } from "./volume.js";

/**
 * Lets the server's volume hold another generation: it is detached, rewritten by Cinder, and attached again. Where Cinder does not
 * rewrite it, another volume takes its place, whose description says why.
 */
export async function refresh(server: Server, image: PlacedImage): Promise<void> {
  const { use } = server;
  await sweepImages(use, image.driveId, unlessInUse);
  const own = (await volumesOf(use, image.driveId)).find((volume) => shownTo(volume, server.id));
  if (own === undefined || own.generation === image.generation) return await attach(server, image);
  const isDeletedWithIt = (await server.volumes()).get(own.id) ?? false;
  await withImage(use, image, bytesOver(own, image), async (held) => {
    try {
      await server.detach(own.id);
      const next = await refilled(use, own, image, held);
      await server.attach(next.id, isDeletedWithIt);
    } catch (error) {
      await undo(use, (now) => giveBack(server.for(now), own, isDeletedWithIt, image.driveId));
      throw error;
    }
  });
  await sweep(use, image.driveId);
}

/** Attaches a volume again that still holds what it held. */
async function giveBack(server: Server, own: Volume, isDeletedWithIt: boolean, driveId: string): Promise<void> {
  const now = await settle(server.use, own.id);
  if (now?.status === "available" && now.generation === own.generation) await server.attach(own.id, isDeletedWithIt);
  await removeUnused(server.use, driveId);
}
