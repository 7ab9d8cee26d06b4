import type { InspectDriveRequest, InspectDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { imageMessage } from "../messages/image.js";
import type { Handler } from "./handler.js";

/** InspectDrive: reads an image back and tells what it holds. */
export const inspectDrive: Handler<InspectDriveRequest, InspectDriveResponse> = async (drives, request, call) => {
  const { driveId, generation } = request;
  return { image: imageMessage(await drives.inspect({ driveId, generation }, call)) };
};
