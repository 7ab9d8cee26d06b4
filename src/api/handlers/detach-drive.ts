import type { DetachDriveRequest, DetachDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** DetachDrive: takes a drive from an instance. */
export const detachDrive: Handler<DetachDriveRequest, DetachDriveResponse> = async (drives, request, call) => {
  const { driveId, instanceId, force } = request;
  return { drive: driveMessage(await drives.detach({ ...mutationOf(request), driveId, instanceId, force }, call)) };
};
