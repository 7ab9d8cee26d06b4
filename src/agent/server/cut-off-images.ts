import type { ImageStore } from "#drive/image-store.js";

/** Removes what cut-off writes left. An agent that begins writes nothing yet, so that all of it is an earlier one's. */
export async function removeCutOffImages(images: Pick<ImageStore, "list" | "discard">): Promise<void> {
  for (const file of await images.list()) if (file.generation === undefined) await images.discard(file);
}
