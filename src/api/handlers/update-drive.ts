import type { UpdateDriveRequest, UpdateDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** UpdateDrive: changes what a drive is to be. */
export const updateDrive: Handler<UpdateDriveRequest, UpdateDriveResponse> = async (drives, request, call) => {
  const { driveId, deleteOnTermination } = request;
  const asked = {
    ...mutationOf(request),
    driveId,
    ...(deleteOnTermination === undefined ? {} : { deleteOnTermination }),
  };
  return { drive: driveMessage(await drives.update(asked, call)) };
};
