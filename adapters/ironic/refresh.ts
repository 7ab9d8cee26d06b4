import type { PlacedImage } from "#drive/hypervisor.js";
import { requireOwn } from "./choose.js";
import type { Look, Node } from "./node.js";
import { shownGeneration } from "./observe.js";
import { place } from "./place.js";

/** Gives a node another generation of its config drive, or the drive where it has none. The same again is a success. */
export async function refresh(node: Node, look: Look, image: PlacedImage): Promise<void> {
  requireOwn(node.use, look, image.driveId);
  if (shownGeneration(look) === image.generation) return;
  await place(node, look, image);
}
