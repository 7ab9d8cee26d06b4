import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { hostOf } from "./host.js";
import { GONE_REVISION } from "./hosts.js";
import type { Wait } from "./hypervisor.js";
import { untilAborted } from "./wait.js";

/**
 * Takes back what this service did too late. It stood still for so long that another one took its operation over, ended it, and
 * perhaps began others; what it had on its way to an instance came there all the same. So once nothing is under way any more, an
 * instance that this operation was about and that does not have the drive loses it. Where it has the drive, the reconciler sees
 * to what it shows. Tries again until the signal aborts, and never rejects.
 * @param drive - as the lost operation knew it
 */
export async function giveWay(deps: Pick<Dependencies, "catalog" | "hosts">, drive: Drive, wait: Wait): Promise<void> {
  while (!wait.signal.aborted) {
    try {
      if (await takenBack(deps, drive, wait)) return;
    } catch {
      // The catalog or the host is away; there is nobody to tell but the next try.
    }
    await untilAborted(deps.catalog.nextWrite(), wait.signal).catch(() => undefined);
  }
}

async function takenBack(
  deps: Pick<Dependencies, "catalog" | "hosts">,
  { id, revision, attachments }: Drive,
  wait: Wait,
): Promise<boolean> {
  const now = await deps.catalog.find(id);
  // Nobody wrote since: the lease is lost, but nobody has taken the operation over. Whoever does looks first at what is there.
  if (now?.operation !== undefined) return now.drive.revision === revision;
  const has = (instanceId: string) => now?.drive.attachments.some((attachment) => attachment.instanceId === instanceId);
  for (const { instanceId, host, device } of attachments) {
    if (has(instanceId)) continue;
    const { hypervisor } = hostOf(deps, host, now?.drive ?? { id, revision: GONE_REVISION });
    await hypervisor.detach(instanceId, id, device, true, wait);
  }
  return true;
}
