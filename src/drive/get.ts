import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { ownDrive } from "./own-drive.js";
import type { Call } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/** Gives one drive of the caller's project. Refusals: DRIVE_NOT_FOUND. */
export async function get(deps: Pick<Dependencies, "catalog">, driveId: string, call: Call): Promise<Drive> {
  const { drive } = await untilAborted(ownDrive(deps, driveId, call.projectId), call.signal);
  return drive;
}
