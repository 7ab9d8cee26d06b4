import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { detach, removeUnused } from "./detach.js";
import { sweepImages, withImage } from "./images.js";
import type { Server } from "./server.js";
import { undo } from "./use.js";
import { type Volume, volumesOf } from "./volume.js";
import { createVolume } from "./volumes.js";

/** Fills a volume and has nova attach it. The same attach again is a success, and completes one that was cut short. */
export async function attach(server: Server, image: PlacedImage): Promise<void> {
  const { use } = server;
  const { driveId, generation } = image;
  await sweepImages(use, driveId);
  const all = await volumesOf(use, driveId);
  const own = all.find((volume) => shownTo(volume, use.instanceId));
  if (own !== undefined && own.generation !== generation) throw otherGeneration(use.instanceId, image, own.generation);
  try {
    if (own === undefined) {
      const make = () => withImage(use, image, image.sizeBytes, (held) => createVolume(use, image, held, "attached"));
      const { id } = all.find((volume) => isReady(volume, image)) ?? (await make());
      await server.attach(id);
    }
    await removeUnused(use, driveId);
  } catch (error) {
    if (own === undefined) await undo(use, (now) => detach(server.for(now), driveId));
    throw error;
  }
}

/** Whether a server has a volume. */
export function shownTo({ servers }: Volume, instanceId: string): boolean {
  return servers.includes(instanceId);
}

/** Whether a volume that nobody has holds an image already, which an earlier try has left. */
function isReady(volume: Volume, { generation }: PlacedImage): boolean {
  return volume.status === "available" && volume.servers.length === 0 && volume.generation === generation;
}

function otherGeneration(instanceId: string, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "openstack", instance_id: instanceId } },
  );
}
