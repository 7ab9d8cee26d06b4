import type { DeleteDriveRequest, DeleteDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** DeleteDrive: removes a drive that nobody has attached. */
export const deleteDrive: Handler<DeleteDriveRequest, DeleteDriveResponse> = async (drives, request, call) => {
  const { driveId } = request;
  await drives.delete({ ...mutationOf(request), driveId }, call);
  return {};
};
