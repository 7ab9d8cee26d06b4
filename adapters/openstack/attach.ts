import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { detach, sweep } from "./detach.js";
import { filled } from "./fill.js";
import { sweepImages, unlessInUse } from "./images.js";
import type { Server } from "./server.js";
import { undo } from "./use.js";
import { type Volume, volumesOf } from "./volume.js";

/** Fills a volume and has nova attach it. The same attach again is a success, and completes one that was cut short. */
export async function attach(server: Server, image: PlacedImage): Promise<void> {
  const { use } = server;
  const { driveId, generation } = image;
  await sweepImages(use, driveId, unlessInUse);
  const all = await volumesOf(use, driveId);
  const own = all.find((volume) => shownTo(volume, server.id));
  if (own !== undefined && own.generation !== generation) throw otherGeneration(use.instanceId, image, own.generation);
  const others = all.find(({ servers }) => servers.length > 0 && !servers.includes(server.id));
  if (own === undefined && others !== undefined) throw hasOthers(use.instanceId, image, others);
  try {
    if (own === undefined) await server.attach((await filled(use, image, all)).id);
    await sweep(use, driveId);
  } catch (error) {
    if (own === undefined) await undo(use, (now) => detach(server.for(now), driveId));
    throw error;
  }
}

/** Somebody beside us has given it to another server: the drive would be at two. */
function hasOthers(instanceId: string, { driveId }: PlacedImage, { id, servers }: Volume): Refusal {
  const [other = ""] = servers;
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId}: volume ${id} of drive ${driveId} is in use by server ${other}; ` +
      `would work: openstack server remove volume ${other} ${id}`,
    { metadata: { hypervisor: "openstack", instance_id: instanceId, volume_id: id } },
  );
}

/** Whether a server has a volume. */
export function shownTo({ servers }: Volume, serverId: string): boolean {
  return servers.includes(serverId);
}

function otherGeneration(instanceId: string, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "openstack", instance_id: instanceId } },
  );
}
