import { formatMessage, formatWish } from "#api/messages/image-format.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { ImageName } from "#gen/configdrive/agent/v1/agent.js";

/** An image as it travels: its path is the host's own affair. */
export function imageNameMessage({ generation, sizeBytes, format }: PlacedImage): ImageName {
  return { generation, sizeBytes: BigInt(sizeBytes), format: formatMessage(format) };
}

/** What a request says of the image that it is about. Refusals: INVALID_ARGUMENT for a format that this version does not know. */
export function imageNameOf(message: ImageName | undefined): Pick<PlacedImage, "generation" | "sizeBytes" | "format"> {
  const format = message === undefined ? undefined : formatWish(message.format);
  if (message === undefined || format === undefined) {
    const rule = "must be said, in a format that this agent knows";
    throw new Refusal("INVALID_ARGUMENT", `image: ${rule}`, { violations: [{ field: "image", rule }] });
  }
  return { generation: message.generation, sizeBytes: Number(message.sizeBytes), format };
}
