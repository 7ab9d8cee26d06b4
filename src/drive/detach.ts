import { begin, settle } from "./begin.js";
import type { Dependencies } from "./dependencies.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Call, DetachDrive } from "./use-cases.js";

/**
 * Takes a drive from an instance, and gives it when the hypervisor no longer shows it. A drive that nobody has is a success;
 * one that another instance has is not touched.
 */
export async function detach(deps: Dependencies, running: Running, request: DetachDrive, call: Call): Promise<Outcome> {
  const { driveId, instanceId, force } = request;
  return await mutate(deps, running, "detach", { ...request }, call, async (begun) => {
    const record = await idleDrive(deps, driveId, begun);
    const { attachments } = record.drive;
    if (attachments.length === 0) {
      return await settle(deps, begun, driveId, record);
    }
    const leaving = attachments.filter((attachment) => instanceId === "" || attachment.instanceId === instanceId);
    if (leaving.length === 0) {
      const holder = attachments[0]?.instanceId ?? "";
      throw new Refusal(
        "NOT_ATTACHED",
        `instance ${instanceId} does not have drive ${driveId}; instance ${holder} has it`,
        {
          metadata: { drive_id: driveId, instance_id: instanceId },
        },
      );
    }
    const drive = {
      ...record.drive,
      attachments: attachments.map((attachment) =>
        leaving.includes(attachment) ? { ...attachment, state: "DETACHING" as const } : attachment,
      ),
      updatedAt: deps.now(),
    };
    return await begin(deps, running, "detach", begun, { drive, from: record, force });
  });
}
