import type { RefreshDriveRequest, RefreshDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** RefreshDrive: shows the pending generation, or one that is made for it, to the instances that have the drive. */
export const refreshDrive: Handler<RefreshDriveRequest, RefreshDriveResponse> = async (drives, request, call) => {
  const { driveId, force, rerender } = request;
  return { drive: driveMessage(await drives.refresh({ ...mutationOf(request), driveId, force, rerender }, call)) };
};
