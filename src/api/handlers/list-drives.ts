import type { ListDrivesRequest, ListDrivesResponse } from "#gen/configdrive/v1/drive_service.js";
import { driveMessage } from "../messages/drive.js";
import type { Handler } from "./handler.js";

/** What a caller gets who does not say how many (drive_service.proto, ListDrivesRequest.page_size). */
const DEFAULT_PAGE_SIZE = 100;

/** ListDrives: gives the drives of the caller's project, by id. */
export const listDrives: Handler<ListDrivesRequest, ListDrivesResponse> = async (drives, request, call) => {
  const { instanceId, host, attached, pageToken } = request;
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const page = await drives.list({ instanceId, host, attached, pageToken, pageSize }, call);
  return { drives: page.drives.map(driveMessage), nextPageToken: page.nextPageToken };
};
