import {
  type BuildInstanceDriveRequest,
  type BuildInstanceDriveResponse,
  InstanceDriveRole,
} from "#gen/configdrive/v1/instance_drive.js";
import { filesOf } from "../messages/content.js";
import { driveMessage } from "../messages/drive.js";
import { formatWish } from "../messages/image-format.js";
import type { Handler } from "./handler.js";

/** BuildInstanceDrive: the drive that an instance is born with, for the compute manager to show. */
export const buildInstanceDrive: Handler<BuildInstanceDriveRequest, BuildInstanceDriveResponse> = async (
  drives,
  request,
  call,
) => {
  const format = formatWish(request.format);
  const { drive, generation, image } = await drives.buildInstanceDrive(
    {
      requestId: request.requestId,
      instanceId: request.instanceId,
      host: request.host,
      role: request.role === InstanceDriveRole.INSTANCE_DRIVE_ROLE_RESCUE ? "rescue" : "config",
      content: filesOf(request.files ?? { files: [], directories: [] }),
      sizeBytes: Number(request.sizeBytes),
      ...(format === undefined ? {} : { format }),
    },
    call,
  );
  return {
    drive: driveMessage(drive),
    generation: generation.number,
    path: image.path,
    sizeBytes: BigInt(generation.sizeBytes),
    sha256: generation.sha256,
  };
};
