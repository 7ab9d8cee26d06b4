import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { hostOf } from "./host.js";
import type { Wait } from "./hypervisor.js";
import type { OpenOperation } from "./open-operation.js";
import type { Reason } from "./refusal.js";
import { show } from "./show.js";

/**
 * Takes a drive back to what it was before the operation, from whatever point it reached. Every step can be repeated.
 * Gives the drive to commit at the end.
 */
export async function goBack(deps: Dependencies, open: OpenOperation, reason: Reason, wait: Wait): Promise<Drive> {
  const { drive } = open;
  const unbuilt = drive.generations.filter(({ state }) => state === "BUILDING");
  // A store that cannot write often cannot remove either; what stays is an orphan, and the reconciler tries again.
  await Promise.allSettled(unbuilt.map(({ number }) => deps.images.remove(drive.id, number)));
  const attachments: Attachment[] = [];
  for (const attachment of drive.attachments) {
    const restored = await restore(deps, drive, attachment, wait);
    if (restored !== undefined) attachments.push(restored);
  }
  const generations = drive.generations.map((generation) =>
    generation.state === "BUILDING" ? { ...generation, state: "FAILED" as const, failureReason: reason } : generation,
  );
  return { ...drive, deleting: false, generations, attachments };
}

async function restore(
  deps: Dependencies,
  drive: Drive,
  attachment: Attachment,
  wait: Wait,
): Promise<Attachment | undefined> {
  const { hypervisor } = hostOf(deps, attachment.host, drive);
  const { instanceId, device, observedGeneration } = attachment;
  switch (attachment.state) {
    case "ATTACHED":
      return attachment;
    case "ATTACHING":
      await hypervisor.detach(instanceId, drive.id, device, true, wait);
      return undefined;
    case "REFRESHING": {
      // Nothing was shown before: the reconciler had found the drive lost, and will try again by itself.
      if (observedGeneration === 0) return { ...attachment, state: "ATTACHED" };
      const before = { ...attachment, state: "ATTACHED" as const, desiredGeneration: observedGeneration };
      try {
        return { ...before, observedGeneration: await show(deps, drive, before, observedGeneration, true, wait) };
      } catch {
        // What the guest sees is not known now; the reconciler brings back what is desired as soon as it can look.
        return { ...before, observedGeneration: 0 };
      }
    }
    case "DETACHING": {
      // A device that went after all is a detach that succeeded; bringing it back would undo what the caller wants.
      const before = { ...attachment, state: "ATTACHED" as const };
      const seen = await hypervisor.observe(instanceId, wait).catch(() => undefined);
      if (seen === undefined || seen.some((observation) => observation.driveId === drive.id)) return before;
      // The rest of the step that took the device.
      await hypervisor.detach(instanceId, drive.id, device, true, wait);
      return undefined;
    }
  }
}
