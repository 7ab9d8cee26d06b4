import { z } from "zod";

/**
 * What the adapter writes into a node's `extra` about the CD that it has given: the address that Ironic shows of a medium is the
 * same for every image. It stands there and not in `instance_info`, since undeploying a node clears that and leaves a CD where it is.
 */
export const MEDIA_MARK = "configdrive_bridge_media";

const form = z.object({
  instance: z.uuid(),
  drive: z.uuid(),
  /** 0 while the CD is being changed. */
  generation: z.int().min(0),
  /** The address of the medium as the BMC tells it; unset while it is being changed. */
  image: z.string().optional(),
});

/** Which drive of ours a node has as a CD. */
export type MediaMark = z.infer<typeof form>;

/** Reads a mark; `undefined` for none, and for what is not in its form. */
export function readMediaMark(value: unknown): MediaMark | undefined {
  return form.safeParse(value).data;
}
