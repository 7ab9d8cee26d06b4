import type { DiffDriveRequest, DiffDriveResponse } from "#gen/configdrive/v1/drive_service.js";
import { changeMessage } from "../messages/image.js";
import type { Handler } from "./handler.js";

/** DiffDrive: tells what the next attach or refresh would change. */
export const diffDrive: Handler<DiffDriveRequest, DiffDriveResponse> = async (drives, { driveId }, call) => {
  const { applied, pending, changes } = await drives.diff(driveId, call);
  return { appliedGeneration: applied, pendingGeneration: pending, changes: changes.map(changeMessage) };
};
