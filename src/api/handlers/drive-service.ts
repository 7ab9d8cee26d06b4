import type { DriveUseCases } from "#drive/use-cases.js";
import { attachDrive } from "./attach-drive.js";
import { buildInstanceDrive } from "./build-instance-drive.js";
import { connectDrive } from "./connect-drive.js";
import { declareHost } from "./declare-host.js";
import { deleteDrive } from "./delete-drive.js";
import { detachDrive } from "./detach-drive.js";
import { diffDrive } from "./diff-drive.js";
import { disconnectDrive } from "./disconnect-drive.js";
import { getCapabilities } from "./get-capabilities.js";
import { getDrive } from "./get-drive.js";
import type { Handler } from "./handler.js";
import { inspectDrive } from "./inspect-drive.js";
import { listDrives } from "./list-drives.js";
import { populateVolume } from "./populate-volume.js";
import { recordInstanceDrive } from "./record-instance-drive.js";
import { refreshDrive } from "./refresh-drive.js";
import { releaseInstance } from "./release-instance.js";
import { stageInstanceDrive } from "./stage-instance-drive.js";
import { updateDrive } from "./update-drive.js";

/** What a door does with each handler, whatever its messages are. */
export type Serve<T, On = DriveUseCases> = <Request extends object, Response extends object>(
  method: string,
  handler: Handler<Request, Response, On>,
) => T;

/** Gives a door every unary method of the service with its handler. */
export function serveDriveHandlers<T>(serve: Serve<T>): T[] {
  return [
    serve("PopulateVolume", populateVolume),
    serve("AttachDrive", attachDrive),
    serve("RefreshDrive", refreshDrive),
    serve("DetachDrive", detachDrive),
    serve("UpdateDrive", updateDrive),
    serve("BuildInstanceDrive", buildInstanceDrive),
    serve("RecordInstanceDrive", recordInstanceDrive),
    serve("StageInstanceDrive", stageInstanceDrive),
    serve("ConnectDrive", connectDrive),
    serve("DisconnectDrive", disconnectDrive),
    serve("ReleaseInstance", releaseInstance),
    serve("DeclareHost", declareHost),
    serve("GetDrive", getDrive),
    serve("ListDrives", listDrives),
    serve("DeleteDrive", deleteDrive),
    serve("InspectDrive", inspectDrive),
    serve("DiffDrive", diffDrive),
    serve("GetCapabilities", getCapabilities),
  ];
}
