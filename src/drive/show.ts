import { standingImage } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { hostOf } from "./host.js";
import type { Wait } from "./hypervisor.js";
import { type Reason, Refusal } from "./refusal.js";

/** What refuses an attach by what the instance has, or where it is. */
const OF_INSTANCE: ReadonlySet<Reason> = new Set([
  "DEVICE_BUSY",
  "INSTANCE_NOT_FOUND",
  "INSTANCE_NOT_RUNNING",
  "HOST_UNKNOWN",
]);

/**
 * Makes an instance see one generation on the attachment's device, from whatever it sees now. Gives what was seen at the end:
 * the generation, or 0 when the instance does not run here and so sees nothing.
 * An instance that is to get the drive mostly has nothing of it, which an attach sees by itself; what it has all the same is looked at
 * where the attach is refused.
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
  const { instanceId, device, state } = attachment;
  const image = await standingImage({ ...deps, images }, drive, generation, wait);
  const attach = () => hypervisor.attach(instanceId, image, device, wait);
  let refused: Refusal | undefined;
  if (state === "ATTACHING") {
    refused = await attach().then(() => undefined, unlessOfInstance);
    if (refused === undefined) return generation;
  }
  const seen = await hypervisor.observe(instanceId, wait);
  if (seen === undefined) return 0;
  const isThere = seen.some((observation) => observation.driveId === drive.id);
  // Also where it is seen already: who was killed after that may have left the old generation open.
  if (isThere) await hypervisor.refresh(instanceId, image, device, force, wait);
  else if (refused !== undefined) throw refused;
  else await attach();
  return generation;
}

/** Gives a refusal that a look at the instance explains: it has the drive with another generation, or does not run. Throws any other again. */
function unlessOfInstance(error: unknown): Refusal {
  if (error instanceof Refusal && OF_INSTANCE.has(error.reason)) return error;
  throw error;
}
