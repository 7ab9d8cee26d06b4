import { sweepImages, unlessInUse } from "./images.js";
import type { Server } from "./server.js";
import type { Use } from "./use.js";
import { volumesOf } from "./volume.js";
import { removeVolume } from "./volumes.js";

/** Has nova take the drive's volume away, then removes it. What is not there is a success. */
export async function detach(server: Server, driveId: string): Promise<void> {
  const { use } = server;
  for (const { id, servers } of await volumesOf(use, driveId)) {
    if (servers.includes(server.id)) await server.detach(id);
  }
  await sweep(use, driveId);
}

/** Removes a drive's volumes that no server has, then its images; one that a remaining volume is a clone of stays as long as that. */
export async function sweep(use: Use, driveId: string): Promise<void> {
  const isLeft = await removeUnused(use, driveId);
  await sweepImages(use, driveId, isLeft ? unlessInUse : undefined);
}

/** Removes the volumes of a drive that no server has. Gives whether others are left. */
export async function removeUnused(use: Use, driveId: string): Promise<boolean> {
  const all = await volumesOf(use, driveId);
  const unused = all.filter(({ servers }) => servers.length === 0);
  for (const { id } of unused) await removeVolume(use, id);
  return unused.length < all.length;
}
