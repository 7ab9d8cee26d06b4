import type { PlacedImage } from "#drive/hypervisor.js";
import type { Look } from "../node.js";
import type { Bay } from "./bay.js";
import { requireDeployed, requireOwnMedia, requireServer } from "./choose.js";
import { insert } from "./insert.js";
import { shownMedia } from "./observe.js";

/** Gives a node another generation as its CD, or the drive where it has none. The same again is a success. */
export async function refreshMedia(bay: Bay, look: Look, image: PlacedImage): Promise<void> {
  const { use } = bay.node;
  const inserted = await bay.inserted();
  requireOwnMedia(use, look, inserted, image.driveId);
  if (shownMedia(look, inserted) === image.generation) return;
  requireServer(use);
  requireDeployed(use, look);
  await insert(bay, inserted, image);
}
