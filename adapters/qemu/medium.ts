import type { PlacedImage } from "#drive/hypervisor.js";
import type { BlockDevice } from "./blocks.js";
import { deviceId, nodeName } from "./names.js";
import { addNode, removeNode, removeUnusedNodes } from "./nodes.js";
import { requireShown } from "./plug.js";
import { isTrayClosed } from "./refusals.js";
import type { Session } from "./session.js";
import { refuseLocked } from "./tray.js";

/** How often the tray is opened for one step. A guest that always has the device open closes it within milliseconds. */
const OPENINGS = 50;

/**
 * Changes the medium of a cdrom that the guest has. The four steps of a tray are taken one by one, since
 * blockdev-change-medium would give the new node a name of QEMU's own. A guest that has mounted the medium has locked the
 * tray: DEVICE_LOCKED, unless forced. One that opens the device meanwhile closes the tray, so it is opened again; DEVICE_BUSY where
 * that never ends. When the new medium cannot go in, the old one goes back.
 */
export async function changeMedium(
  session: Session,
  image: PlacedImage,
  own: BlockDevice,
  force: boolean,
): Promise<void> {
  const id = deviceId(image.driveId);
  if (!force) refuseLocked(session, own, "change");
  await removeUnusedNodes(session, image.driveId);
  const node = await addUnlessShown(session, image, own);
  try {
    await session.do("blockdev-open-tray", { id, force });
    await inOpenTray(session, id, force, "blockdev-remove-medium", {});
    await inOpenTray(session, id, force, "blockdev-insert-medium", { "node-name": node });
    await session.do("blockdev-close-tray", { id });
    await requireShown(session, image);
  } catch (error) {
    await putBack(session, id, own.node, node);
    throw error;
  }
  await removeUnusedNodes(session, image.driveId);
}

/** Runs a command that needs an open tray: Linux closes one that it finds open when a program opens the device. */
async function inOpenTray(
  session: Session,
  id: string,
  force: boolean,
  command: string,
  args: Record<string, unknown>,
): Promise<void> {
  for (let openings = 1; ; openings++) {
    try {
      return await session.do(command, { id, ...args });
    } catch (error) {
      if (openings === OPENINGS || !isTrayClosed(error)) throw error;
    }
    await session.do("blockdev-open-tray", { id, force });
  }
}

/** After an eject in the guest the right node may still be in the open tray. */
async function addUnlessShown(session: Session, image: PlacedImage, own: BlockDevice): Promise<string> {
  const name = nodeName(image.driveId, image.generation);
  return own.node === name ? name : addNode(session, image);
}

/** Each step by itself: one that has nothing to take back fails, and the next is taken all the same. */
async function putBack(session: Session, id: string, old: string | undefined, added: string): Promise<void> {
  await session.undo((undoing) => inOpenTray(undoing, id, true, "blockdev-remove-medium", {}));
  if (old !== undefined) {
    await session.undo((undoing) => inOpenTray(undoing, id, true, "blockdev-insert-medium", { "node-name": old }));
  }
  await session.undo((undoing) => undoing.do("blockdev-close-tray", { id }));
  if (added !== old) await session.undo((undoing) => removeNode(undoing, added));
}
