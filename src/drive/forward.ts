import { build } from "./build.js";
import type { Dependencies } from "./dependencies.js";
import type { Attachment, Drive } from "./drive.js";
import { hostOf } from "./host.js";
import type { Wait } from "./hypervisor.js";
import type { OpenOperation } from "./open-operation.js";
import { Refusal } from "./refusal.js";
import { show } from "./show.js";

/**
 * Takes a drive from where it is to what is desired: builds what is BUILDING, shows what is ATTACHING or REFRESHING, takes
 * what is DETACHING, removes what is deleting. Every step can be repeated, so it goes on from any point of an earlier try.
 * Gives the drive to commit at the end; `undefined` when it is to be gone.
 */
export async function goForward(deps: Dependencies, open: OpenOperation, wait: Wait): Promise<Drive | undefined> {
  if (open.drive.deleting) {
    for (const attachment of open.drive.attachments) await reach(deps, open, attachment, wait);
    await deps.images.removeDrive(open.drive.id);
    return undefined;
  }
  const unbuilt = open.drive.generations.find((generation) => generation.state === "BUILDING");
  if (unbuilt !== undefined) {
    const written = await build(deps, open.drive.id, unbuilt, wait);
    const built = { ...unbuilt, ...written, state: "READY" as const };
    const generations = open.drive.generations.map((generation) => (generation === unbuilt ? built : generation));
    const drive = { ...open.drive, generations };
    if (drive.attachments.every((attachment) => attachment.state === "ATTACHED")) return drive;
    await open.advance(drive);
  }
  const attachments: Attachment[] = [];
  for (const attachment of open.drive.attachments) {
    const reached = await reach(deps, open, attachment, wait);
    if (reached !== undefined) attachments.push(reached);
  }
  const newcomer = open.drive.attachments.find(({ state }) => state === "ATTACHING");
  return { ...open.drive, attachments, lastInstanceId: newcomer?.instanceId ?? open.drive.lastInstanceId };
}

async function reach(
  deps: Dependencies,
  { drive, operation }: OpenOperation,
  attachment: Attachment,
  wait: Wait,
): Promise<Attachment | undefined> {
  switch (attachment.state) {
    case "ATTACHED":
      return attachment;
    case "DETACHING": {
      const { hypervisor } = hostOf(deps, attachment.host, drive);
      await hypervisor.detach(attachment.instanceId, drive.id, attachment.device, operation.force, wait);
      return undefined;
    }
    case "ATTACHING":
    case "REFRESHING": {
      const seen = await show(deps, drive, attachment, attachment.desiredGeneration, operation.force, wait);
      if (seen === 0 && attachment.state === "ATTACHING") {
        throw new Refusal(
          "INSTANCE_NOT_RUNNING",
          `instance ${attachment.instanceId} does not run on ${attachment.host}`,
        );
      }
      return { ...attachment, state: "ATTACHED", observedGeneration: seen };
    }
  }
}
