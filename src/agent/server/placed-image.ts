import type { Fence } from "#drive/hosts.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import type { ImageName } from "#gen/configdrive/agent/v1/agent.js";
import { imageNameOf } from "../messages/image-name.js";

/** The image that a request names, at its place here. Refusals: STORAGE_FAILED where it does not stand here. */
export async function placedImage(
  images: Pick<ImageStore, "locate">,
  { driveId }: Fence,
  name: ImageName | undefined,
): Promise<PlacedImage> {
  const image = imageNameOf(name);
  const path = await images.locate(driveId, image.generation, image.sizeBytes);
  if (path !== undefined) return { driveId, path, ...image };
  throw new Refusal(
    "STORAGE_FAILED",
    `generation ${image.generation} of drive ${driveId} does not stand on this host`,
    {
      metadata: { drive_id: driveId },
    },
  );
}
