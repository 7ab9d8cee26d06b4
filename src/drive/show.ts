import { standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { hostOf } from "./host.js";
import type { Wait } from "./hypervisor.js";

/**
 * Makes an instance see one generation on the attachment's device, from whatever it sees now. Gives what was seen at the end:
 * the generation, or 0 when the instance does not run here and so sees nothing.
 * Refusals: those of the Hypervisor port and of `standingImage`.
 */
export async function show(
  deps: Dependencies,
  drive: Drive,
  attachment: Attachment,
  generation: number,
  force: boolean,
  wait: Wait,
): Promise<number> {
  const { hypervisor, images } = hostOf(deps, attachment.host, drive);
  const image = await standingImage({ ...deps, images }, drive, generation, wait);
  const seen = await hypervisor.observe(attachment.instanceId, wait);
  if (seen === undefined) return 0;
  const mine = seen.find((observation) => observation.driveId === drive.id);
  if (mine === undefined) await hypervisor.attach(attachment.instanceId, image, attachment.device, wait);
  // Also where it is seen already: who was killed after that may have left the old generation open.
  else await hypervisor.refresh(attachment.instanceId, image, attachment.device, force, wait);
  return generation;
}
