import type { AttachDriveRequest, AttachDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { busWish, kindWish } from "../messages/device.js";
import { driveMessage } from "../messages/drive.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** AttachDrive: shows a drive to an instance. */
export const attachDrive: Handler<AttachDriveRequest, AttachDriveResponse> = async (drives, request, call) => {
  const { driveId, instanceId, host } = request;
  const kind = kindWish(request.kind);
  const bus = busWish(request.bus);
  const wish = { ...(kind === undefined ? {} : { kind }), ...(bus === undefined ? {} : { bus }) };
  return {
    drive: driveMessage(await drives.attach({ ...mutationOf(request), driveId, instanceId, host, ...wish }, call)),
  };
};
