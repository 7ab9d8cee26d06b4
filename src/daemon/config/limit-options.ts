import { defaultLimits } from "#drive/limits.js";
import { option, withDefault } from "./option.js";
import { countOrAny, integer, seconds, secondsOrEver, type ValueType } from "./types.js";

const TEBIBYTE = 1024 ** 4;
const DAY = 24 * 60 * 60;

/** A limit counts from the next call on, so all of them can be changed while the service runs. */
function limit<T>(place: string, type: ValueType<T>, help: string) {
  return option(place, type, help, { reloadable: true });
}

/** How much the service takes (src/drive/limits.ts). */
export const limitOptions = {
  limitContentBytes: withDefault(
    limit(
      "limits.content_bytes",
      integer(1, TEBIBYTE),
      "Most bytes of content in one drive, all files together, and in one upload.",
    ),
    String(defaultLimits.contentBytes),
  ),
  limitVolumeBytes: withDefault(
    limit("limits.volume_bytes", integer(512, TEBIBYTE), "Most bytes of a volume that a caller asks for."),
    String(defaultLimits.volumeBytes),
  ),
  limitFiles: withDefault(
    limit("limits.files", integer(1, 1_000_000), "Most files and directories in one drive."),
    String(defaultLimits.files),
  ),
  limitPathBytes: withDefault(
    limit("limits.path_bytes", integer(1, 4096), "Most bytes of a path in a drive."),
    String(defaultLimits.pathBytes),
  ),
  limitNameBytes: withDefault(
    limit("limits.name_bytes", integer(1, 255), "Most bytes of one name in a path."),
    String(defaultLimits.nameBytes),
  ),
  limitDrivesPerProject: withDefault(
    limit(
      "limits.drives_per_project",
      countOrAny,
      "Most drives that one project may have, whatever their state. Counted over all services on the catalog's database; give each the same value.",
    ),
    String(defaultLimits.drivesPerProject),
  ),
  limitInstances: withDefault(
    limit("limits.instances_per_project", integer(0, 1_000_000), "Most instances that a project may have run here."),
    String(defaultLimits.instances),
  ),
  limitOperationMs: withDefault(
    limit("limits.operation_timeout", seconds(1, DAY), "How long an operation may run before it is turned back."),
    String(defaultLimits.operationMs / 1000),
  ),
  limitFetchMs: withDefault(
    limit(
      "limits.fetch_timeout",
      seconds(1, DAY),
      "How long the bytes of one request may take to come from elsewhere.",
    ),
    String(defaultLimits.fetchMs / 1000),
  ),
  limitUploadMs: withDefault(
    limit(
      "limits.upload_lifetime",
      seconds(1, 365 * DAY),
      "How long an upload is kept after it was made or last used.",
    ),
    String(defaultLimits.uploadMs / 1000),
  ),
  limitFailedDriveMs: withDefault(
    limit(
      "limits.failed_drive_lifetime",
      secondsOrEver(60, 365 * DAY),
      "How long a drive that could not be built, and was never tried again, is kept.",
    ),
    String(defaultLimits.failedDriveMs / 1000),
  ),
  limitUnattachedDriveMs: withDefault(
    limit(
      "limits.unattached_drive_lifetime",
      secondsOrEver(60, 365 * DAY),
      "How long an ephemeral drive that no instance has is kept after its last change: what clients leave that never attach what they made, or never tell that an instance is deleted. Drives with `delete_on_termination` false stay in any case.",
    ),
    "-1",
  ),
  limitRequestMs: withDefault(
    limit("limits.request_lifetime", seconds(60, 365 * DAY), "How long a request that ended is remembered by its id."),
    String(defaultLimits.requestMs / 1000),
  ),
  limitChangeMs: withDefault(
    limit("limits.change_lifetime", seconds(60, 365 * DAY), "How long a change is kept for watchers that come back."),
    String(defaultLimits.changeMs / 1000),
  ),
} as const;
