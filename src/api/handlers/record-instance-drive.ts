import type { RecordInstanceDriveRequest, RecordInstanceDriveResponse } from "#gen/configdrive/v1/instance_drive.js";
import { recordedDevice } from "../messages/device.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** RecordInstanceDrive: takes a compute manager's word for what its instance has. */
export const recordInstanceDrive: Handler<RecordInstanceDriveRequest, RecordInstanceDriveResponse> = async (
  drives,
  { requestId, instanceId, host, generation, device },
  call,
) => {
  const shown = generation === 0 ? {} : { shown: { generation, device: recordedDevice(device) } };
  const drive = await drives.recordInstanceDrive({ requestId, instanceId, host, ...shown }, call);
  return { drive: driveMessage(drive) };
};
