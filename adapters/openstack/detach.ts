import { sweepImages } from "./images.js";
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

/** Removes a drive's images, and its volumes that no server has. */
export async function sweep(use: Use, driveId: string): Promise<void> {
  await sweepImages(use, driveId);
  await removeUnused(use, driveId);
}

/** Removes the volumes of a drive that no server has. */
export async function removeUnused(use: Use, driveId: string): Promise<void> {
  for (const { id, servers } of await volumesOf(use, driveId)) {
    if (servers.length === 0) await removeVolume(use, id);
  }
}
