import { ChangeKind, type WatchDrivesRequest, type WatchDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import type { DriveClient } from "#grpc/client.js";
import type { Init } from "#grpc/request-init.js";
import { ConfigDriveError } from "./error.js";
import type { Tries } from "./tries.js";

/**
 * Every change from now on, or from after the request's `resumeToken`, once each. A watch that breaks off is taken up where it was,
 * unseen by the caller; CURRENT comes once, when it has begun. It is over when its time is.
 * Throws `ConfigDriveError`, as RESUME_TOKEN_EXPIRED after an absence that was too long, or the signal's reason.
 */
export async function* watch(
  client: DriveClient,
  request: Init<WatchDrivesRequest>,
  tries: Tries,
): AsyncGenerator<WatchDrivesResponse, void, undefined> {
  let resumeToken = request.resumeToken ?? "";
  let begun = false;
  for (;;) {
    try {
      for await (const event of client.watchDrives({ ...request, resumeToken }, await tries.how())) {
        tries.succeeded();
        ({ resumeToken } = event);
        const again = event.kind === ChangeKind.CHANGE_KIND_CURRENT && begun;
        begun = true;
        if (!again) yield event;
      }
    } catch (error) {
      try {
        await tries.failed(error);
      } catch (refused) {
        if (refused instanceof ConfigDriveError && refused.reason === "DEADLINE_EXCEEDED") return;
        throw refused;
      }
    }
  }
}
