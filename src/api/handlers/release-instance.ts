import type { ReleaseInstanceRequest, ReleaseInstanceResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** ReleaseInstance: lets go of an instance that is known to be deleted. */
export const releaseInstance: Handler<ReleaseInstanceRequest, ReleaseInstanceResponse> = async (
  drives,
  { requestId, instanceId, host, validateOnly },
  call,
) => {
  const asked = { requestId, instanceId, host, ...(validateOnly ? { validateOnly } : {}) };
  const { deleted, kept } = await drives.releaseInstance(asked, call);
  return { deletedDriveIds: [...deleted], keptDrives: kept.map(driveMessage) };
};
