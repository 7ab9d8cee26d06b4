import { Refusal } from "#drive/refusal.js";
import { findDevice } from "./blocks.js";
import { deviceId } from "./names.js";
import { removeUnusedNodes } from "./nodes.js";
import type { Session } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Takes a drive's device from the guest and closes its image. A drive that the guest does not have is a success.
 * A guest that has mounted a cdrom has locked it: DEVICE_LOCKED, unless forced. QEMU does not tell whether a disk is mounted.
 */
export async function detach(session: Session, driveId: string, force: boolean): Promise<void> {
  const own = await findDevice(session, driveId);
  if (own?.locked === true && !own.trayOpen && !force) {
    throw new Refusal(
      "DEVICE_LOCKED",
      `instance ${session.instanceId}: the guest holds ${deviceId(driveId)} locked; unmount it there, or force the detach`,
      { metadata: { hypervisor: "qemu", instance_id: session.instanceId, device: deviceId(driveId) } },
    );
  }
  if (own !== undefined) await unplug(session, driveId, deviceId(driveId));
  await removeUnusedNodes(session, driveId);
}
