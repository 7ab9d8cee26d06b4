import { findDevice } from "./blocks.js";
import { deviceId } from "./names.js";
import { removeUnusedNodes } from "./nodes.js";
import type { Session } from "./session.js";
import { refuseLocked } from "./tray.js";
import { unplug } from "./unplug.js";

/**
 * Takes a drive's device from the guest and closes its image. A drive that the guest does not have is a success.
 * A guest that has mounted a cdrom has locked it: DEVICE_LOCKED, unless forced. QEMU does not tell whether a disk is mounted.
 */
export async function detach(session: Session, driveId: string, force: boolean): Promise<void> {
  const own = await findDevice(session, driveId);
  if (own !== undefined) {
    if (!force) refuseLocked(session, own, "detach");
    await unplug(session, driveId, deviceId(driveId));
  }
  await removeUnusedNodes(session, driveId);
}
