import { isNativeError } from "node:util/types";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { Bay } from "./bay.js";
import { requireServer } from "./choose.js";
import type { ImageServer, Offer } from "./image-server.js";

/**
 * Inserts an image, in the place of a CD of ours. The mark says before anything is changed whose CD it is, and afterwards which
 * generation. Ends once the BMC shows it. Refuses with HYPERVISOR_FAILED in Ironic's words.
 * @param inserted - as the BMC tells
 */
export async function insert(bay: Bay, inserted: readonly string[], image: PlacedImage): Promise<void> {
  const { node } = bay;
  await using offer = await offered(node.use.instanceId, requireServer(node.use), image);
  const mark = { instance: node.use.instanceId, drive: image.driveId };
  await node.writeMedia({ ...mark, generation: 0 });
  // Ironic's address for it is the same for each image, and what is inserted under its address it leaves as it is.
  if (inserted.length > 0) await bay.eject();
  const shown = await bay.insert(offer.url);
  await node.writeMedia({ ...mark, generation: image.generation, image: shown });
}

async function offered(instanceId: string, server: ImageServer, image: PlacedImage): Promise<Offer> {
  return await server.offer(image).catch((error: unknown) => {
    const why = isNativeError(error) ? error.message : String(error);
    throw new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: the image cannot be served to Ironic: ${why}`, {
      metadata: { hypervisor: "ironic", instance_id: instanceId },
      cause: error,
    });
  });
}
