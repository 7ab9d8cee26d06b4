import type { ConnectDriveRequest, ConnectDriveResponse } from "#gen/configdrive/v1/connection.js";
import { recordedDevice } from "../messages/device.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** ConnectDrive: a drive that a compute manager is about to show, and its image for the manager to copy. */
export const connectDrive: Handler<ConnectDriveRequest, ConnectDriveResponse> = async (
  drives,
  { requestId, driveId, instanceId, host, device, running },
  call,
) => {
  const { drive, generation, image } = await drives.connect(
    { requestId, driveId, instanceId, host, device: recordedDevice(device), running },
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
