import type { DriveService } from "#drive/service.js";
import type { Call } from "#drive/use-cases.js";
import { contentBytes, type ScriptStep } from "./script.js";

/** No drive has this id: what a script means that names a drive it has not made. */
const nobody = "ffffffff-ffff-4fff-8fff-ffffffffffff";

/** Makes one call of a script. Gives the id of a new drive, which it also adds to `ids`. */
export async function carryOutStep(
  service: DriveService,
  step: ScriptStep,
  ids: string[],
  call: Call,
): Promise<string | undefined> {
  const { requestId } = step;
  const driveId = step.drive === undefined ? "" : (ids[step.drive] ?? nobody);
  switch (step.call) {
    case "populate": {
      const content = { kind: "blob", bytes: contentBytes(step.content) } as const;
      const { whenAttached } = step;
      const drive = await service.populate(
        { requestId, driveId, content, label: "", sizeBytes: 0, whenAttached },
        call,
      );
      if (step.drive !== undefined) return undefined;
      ids.push(drive.id);
      return drive.id;
    }
    case "attach":
      await service.attach({ requestId, driveId, instanceId: step.instance, host: "" }, call);
      return undefined;
    case "detach":
      await service.detach({ requestId, driveId, instanceId: step.instance, force: false }, call);
      return undefined;
    case "refresh":
      await service.refresh({ requestId, driveId, force: false }, call);
      return undefined;
    case "release":
      await service.releaseInstance({ requestId, instanceId: step.instance, host: "" }, call);
      return undefined;
    case "delete":
      await service.delete({ requestId, driveId }, call);
      return undefined;
  }
}
