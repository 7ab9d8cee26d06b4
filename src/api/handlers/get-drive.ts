import type { GetDriveRequest, GetDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** GetDrive: gives one drive. */
export const getDrive: Handler<GetDriveRequest, GetDriveResponse> = async (drives, request, call) => ({
  drive: driveMessage(await drives.get(request.driveId, call)),
});
