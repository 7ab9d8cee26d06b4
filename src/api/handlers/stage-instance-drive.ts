import type { StageInstanceDriveRequest, StageInstanceDriveResponse } from "#gen/configdrive/v1/instance_drive.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** StageInstanceDrive: an image of an instance's own drive, on the host where its manager wants it. */
export const stageInstanceDrive: Handler<StageInstanceDriveRequest, StageInstanceDriveResponse> = async (
  drives,
  { instanceId, host, generation: wanted },
  call,
) => {
  const { drive, generation, image } = await drives.stageInstanceDrive({ instanceId, host, generation: wanted }, call);
  return {
    drive: driveMessage(drive),
    generation: generation.number,
    path: image.path,
    sizeBytes: BigInt(generation.sizeBytes),
    sha256: generation.sha256,
  };
};
