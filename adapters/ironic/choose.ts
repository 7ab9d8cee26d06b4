import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { requireSize } from "./config-drive.js";
import type { Look, Use } from "./node.js";
import { type Stage, stageOf, wayOut } from "./states.js";

/** A node has one config drive, whatever drive it is: Ironic's own name for it. */
export const DEVICE_NAME = "configdrive";

/**
 * What a config drive is to the guest: a partition of the node's own disk. On which bus that is Ironic does not tell; of the
 * contract's words for one this is what most servers' disks come close to.
 */
export const FORM: DeviceForm = { kind: "disk", bus: "scsi" };

/** Chooses the node's config drive. Refuses with BUS_NOT_AVAILABLE, DEVICE_BUSY, INSTANCE_BUSY and INSTANCE_NOT_RUNNING, saying what would work. */
export function choose(use: Use, look: Look, image: PlacedImage, wish: DeviceWish): Device {
  const { instanceId } = use;
  if ((wish.kind ?? FORM.kind) !== FORM.kind || (wish.bus ?? FORM.bus) !== FORM.bus) {
    throw refused(
      instanceId,
      "BUS_NOT_AVAILABLE",
      "Ironic writes a config drive onto the node's own disk and plugs nothing in; would work: disk on scsi, which stands for that disk",
    );
  }
  requireSize(instanceId, image);
  requireOwn(use, look, image.driveId);
  const how = requirePlace(use, look);
  const when = how === "undeployed" ? "written when the node is deployed" : "the node is rebuilt for it";
  const asked = wish.kind !== undefined || wish.bus !== undefined ? `${wish.why ?? "asked for"}; ` : "";
  return { ...FORM, name: DEVICE_NAME, reason: `${asked}a partition of the node's own disk, ${when}` };
}

/** Refuses with DEVICE_BUSY a node that has another config drive. */
export function requireOwn({ instanceId }: Use, { holds, mark }: Look, driveId: string): void {
  if (mark === undefined && !holds) return;
  if (mark?.drive === driveId) return;
  const whose = mark === undefined ? "a config drive that is not ours" : `drive ${mark.drive}`;
  throw refused(
    instanceId,
    "DEVICE_BUSY",
    `its node has ${whose}, and a node has one config drive; would work: take that away first`,
  );
}

/** Why a node is not rebuilt, whoever may. */
export const PROTECTED = "its node is protected, and Ironic rebuilds no such node";

/** How a config drive can come to the node now. Refuses what no deploy or rebuild would write. */
export function requirePlace(use: Use, look: Look): Extract<Stage, "undeployed" | "deployed"> {
  const { instanceId } = use;
  const { state, maintenance, isProtected } = look;
  const stage = stageOf(state);
  if (maintenance) {
    const why = "its node is in maintenance, in which Ironic deploys nothing; would work: take it out of maintenance";
    throw refused(instanceId, "INSTANCE_NOT_RUNNING", why);
  }
  if (stage === "undeployed") return stage;
  if (stage === "deployed" && isProtected) {
    throw refused(instanceId, "BUS_NOT_AVAILABLE", `${PROTECTED}; would work: unset its protection`);
  }
  if (stage === "deployed") {
    if (use.rebuild) return stage;
    throw refused(
      instanceId,
      "BUS_NOT_AVAILABLE",
      "its node is deployed, and Ironic writes another config drive only by a rebuild, which writes the node's whole disk anew; would work: give the drive before the node is deployed, set [ironic] media_listen for virtual media, or set [ironic] rebuild = true",
    );
  }
  const reason = stage === "unusable" ? "INSTANCE_NOT_RUNNING" : "INSTANCE_BUSY";
  throw refused(instanceId, reason, `its node is in state ${state}; would work: ${wayOut(state)}`);
}

function refused(
  instanceId: string,
  reason: "BUS_NOT_AVAILABLE" | "DEVICE_BUSY" | "INSTANCE_BUSY" | "INSTANCE_NOT_RUNNING",
  why: string,
): Refusal {
  return new Refusal(reason, `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
