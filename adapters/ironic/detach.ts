import { Refusal } from "#drive/refusal.js";
import { PROTECTED } from "./choose.js";
import type { Look, Node } from "./node.js";
import { beginRebuild, requireRebuilt } from "./place.js";
import { stageOf, wayOut } from "./states.js";

/**
 * Takes the config drive from a node: at once where it is not deployed, by a rebuild without one where it is. A drive that the node
 * does not have is a success. Refuses with DEVICE_BUSY where only a rebuild would do and none is allowed.
 */
export async function detach(node: Node, look: Look, driveId: string): Promise<void> {
  const { use } = node;
  const { mark, state } = look;
  if (mark?.drive !== driveId) return;
  const stage = stageOf(state);
  if (stage === "undeployed") return void (await node.write({ mark: undefined, configdrive: null }));
  if (stage !== "deployed") {
    const reason = stage === "unusable" ? "INSTANCE_NOT_RUNNING" : "INSTANCE_BUSY";
    throw refused(use.instanceId, reason, `its node is in state ${state}; would work: ${wayOut(state)}`);
  }
  if (!use.rebuild) {
    throw refused(
      use.instanceId,
      "DEVICE_BUSY",
      "the drive is a partition of the node's disk, which goes only with what is on the disk; would work: undeploy the node, or set [ironic] rebuild = true",
    );
  }
  if (look.isProtected) throw refused(use.instanceId, "DEVICE_BUSY", `${PROTECTED}; would work: unset its protection`);
  // What was stored is gone with this, so that the mark cannot become what it was.
  const unknown = { drive: driveId, generation: 0, writing: 0 };
  const emptied = await node.write({ mark: unknown, configdrive: null });
  await beginRebuild(node, { ...emptied, mark: { drive: driveId, generation: 0 } });
  requireRebuilt(node, await node.deployed());
  await node.write({ mark: undefined });
}

function refused(
  instanceId: string,
  reason: "DEVICE_BUSY" | "INSTANCE_BUSY" | "INSTANCE_NOT_RUNNING",
  why: string,
): Refusal {
  return new Refusal(reason, `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
