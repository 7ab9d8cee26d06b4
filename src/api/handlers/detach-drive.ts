import type { DetachDriveRequest, DetachDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** DetachDrive: takes a drive from an instance. */
export const detachDrive: Handler<DetachDriveRequest, DetachDriveResponse> = async (drives, request, call) => {
  const { requestId, driveId, instanceId, force } = request;
  return { drive: driveMessage(await drives.detach({ requestId, driveId, instanceId, force }, call)) };
};
