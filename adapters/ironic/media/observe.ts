import type { Observation } from "#drive/hypervisor.js";
import type { Look } from "../node.js";
import type { Bay } from "./bay.js";
import { mediaName } from "./choose.js";

/** Which of our drives the node has as its CD. The BMC is asked only where the mark says that there is one. */
export async function observeMedia(bay: Bay, look: Look): Promise<readonly Observation[]> {
  const { media } = look;
  if (media === undefined || media.instance !== bay.node.use.instanceId) return [];
  const generation = shownMedia(look, await bay.inserted());
  return [{ driveId: media.drive, generation, deviceName: mediaName(look.uuid) }];
}

/** The generation that the guest sees; 0 while the CD is changed, and where somebody took it out. @param inserted - as the BMC tells */
export function shownMedia({ media }: Pick<Look, "media">, inserted: readonly string[]): number {
  return media?.image !== undefined && inserted.includes(media.image) ? media.generation : 0;
}
