import type { DisconnectDriveRequest, DisconnectDriveResponse } from "#gen/configdrive/v1/connection.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** DisconnectDrive: takes a compute manager's word that it no longer shows a drive. */
export const disconnectDrive: Handler<DisconnectDriveRequest, DisconnectDriveResponse> = async (
  drives,
  { requestId, driveId, instanceId, host },
  call,
) => ({ drive: driveMessage(await drives.disconnect({ requestId, driveId, instanceId, host }, call)) });
