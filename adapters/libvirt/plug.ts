import { Refusal } from "#drive/refusal.js";
import { diskXml, type Shown, type Slot } from "./device-xml.js";
import { ownDisk } from "./disks.js";
import type { Session, View } from "./session.js";

/** Adds a disk to one view and returns once the domain's description has it. */
export async function plug(session: Session, view: View, slot: Slot, shown: Shown): Promise<void> {
  await session.attachDevice(view, diskXml(slot, shown));
  const own = ownDisk(await session.describe(view), shown.driveId);
  if (own?.drive?.generation === shown.generation && own.file === shown.path) return;
  throw new Refusal(
    "HYPERVISOR_FAILED",
    `libvirt says that instance ${session.instanceId} has drive ${shown.driveId}, but its ${view} description does not show it`,
    { metadata: { hypervisor: "libvirt", instance_id: session.instanceId } },
  );
}
