import { Refusal } from "#drive/refusal.js";
import type { Look } from "../node.js";
import type { Bay } from "./bay.js";
import { isForeign } from "./choose.js";

/**
 * Takes a drive out of a node's CD drive, whatever the node is doing, also after its instance has gone. A drive that the node does not
 * have is a success. Refuses with DEVICE_BUSY where somebody else's CD would go with it: Ironic ejects all of them.
 */
export async function removeMedia(bay: Bay, { media }: Look, driveId: string): Promise<void> {
  if (media?.drive !== driveId) return;
  const inserted = await bay.inserted();
  const foreign = inserted.filter((image) => isForeign(media.image, image));
  if (foreign.length < inserted.length) {
    if (foreign.length > 0) throw shared(bay.node.use.instanceId);
    await bay.eject();
  }
  await bay.node.writeMedia(undefined);
}

function shared(instanceId: string): Refusal {
  const why =
    "its node has a second CD inserted, which is not ours, and Ironic ejects all at once; would work: eject that one at the BMC";
  return new Refusal("DEVICE_BUSY", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
