import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { ApiError } from "./api.js";
import { requirePlace } from "./choose.js";
import { encodeImage } from "./config-drive.js";
import type { Look, Node } from "./node.js";
import { undo } from "./undo.js";

/**
 * Puts an image where the next deploy finds it, or has a deployed node rebuilt with it. Ends once Ironic shows that. What
 * Ironic does not even begin leaves the node as it was; a caller who gives up meanwhile leaves a rebuild under way, and the mark
 * says so.
 */
export async function place(node: Node, look: Look, image: PlacedImage): Promise<void> {
  const { use } = node;
  const { driveId: drive, generation } = image;
  const how = requirePlace(use, look);
  const configdrive = await encodeImage(use.instanceId, image, use.maxTextBytes);
  if (how === "undeployed") {
    requireShown(node, await node.write({ mark: { drive, generation }, configdrive }), image);
    return;
  }
  await node.write({ mark: { drive, generation: 0, writing: generation } });
  await beginRebuild(node, look, configdrive);
  requireRebuilt(node, await node.deployed());
  requireShown(node, await node.write({ mark: { drive, generation } }), image);
}

/** Begins a rebuild; one that Ironic refuses leaves the mark as it was before. */
export async function beginRebuild(node: Node, before: Look, configdrive?: string): Promise<void> {
  try {
    await node.rebuild(configdrive);
  } catch (error) {
    // Without Ironic's own answer nobody knows whether it has begun.
    if (error instanceof ApiError && !mayHaveBegun(error)) {
      await undo(async (signal) => void (await node.until(signal).write({ mark: before.mark })));
    }
    throw error;
  }
}

/**
 * Whether what an answer is about may be under way all the same: a proxy has lost sight of Ironic (502, 504), or Ironic's API of its
 * conductor, which is a 500 in oslo.messaging's words (`MessagingTimeout`).
 */
function mayHaveBegun({ status, message }: ApiError): boolean {
  return status === 502 || status === 504 || message.startsWith("Timed out waiting for a reply");
}

/** Refuses with HYPERVISOR_FAILED a node whose rebuild failed, in Ironic's words. */
export function requireRebuilt({ use }: Node, { state, lastError }: Look): void {
  if (state === "active") return;
  throw failed(use.instanceId, `its node's rebuild ended in state ${state}: ${lastError || "Ironic does not say why"}`);
}

/** Success means seen. */
function requireShown({ use }: Node, { holds, mark }: Look, { driveId, generation }: PlacedImage): void {
  if (holds && mark?.drive === driveId && mark.generation === generation) return;
  throw failed(use.instanceId, "Ironic reported success, and its node does not have the drive");
}

function failed(instanceId: string, why: string): Refusal {
  return new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
