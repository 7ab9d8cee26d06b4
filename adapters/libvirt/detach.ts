import { sweep } from "./bring.js";
import { look } from "./disks.js";
import type { Session } from "./session.js";
import { unplug } from "./unplug.js";

/**
 * Takes a drive's disk from the running domain and then from the stored one. A drive that the domain does not have is a
 * success. A guest that keeps the disk keeps it in both, so that nothing changes behind a caller who was refused.
 * An uploaded image goes after the last disk that shows it.
 */
export async function detach(session: Session, pool: string | undefined, driveId: string): Promise<void> {
  for (const { view, own } of await look(session, driveId)) {
    if (own !== undefined) await unplug(session, view, driveId);
  }
  await sweep(session.host, pool, driveId, session);
}
