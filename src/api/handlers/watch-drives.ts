import type { DriveEvent } from "#drive/change.js";
import type { Call, DriveUseCases } from "#drive/use-cases.js";
import { ChangeKind, type WatchDrivesRequest, type WatchDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";

const KINDS: Readonly<Record<DriveEvent["kind"], ChangeKind>> = {
  CURRENT: ChangeKind.CHANGE_KIND_CURRENT,
  CREATED: ChangeKind.CHANGE_KIND_CREATED,
  CHANGED: ChangeKind.CHANGE_KIND_CHANGED,
  DELETED: ChangeKind.CHANGE_KIND_DELETED,
};

/** WatchDrives: tells of every change. A stream, so gRPC's alone. */
export async function* watchDrives(
  drives: DriveUseCases,
  { driveId, resumeToken }: WatchDrivesRequest,
  call: Call,
): AsyncGenerator<WatchDrivesResponse> {
  for await (const { kind, drive, at, ...event } of drives.watch({ driveId, resumeToken }, call)) {
    yield {
      ...event,
      kind: KINDS[kind],
      drive: drive === undefined ? undefined : driveMessage(drive),
      happenedAt: at,
    };
  }
}
