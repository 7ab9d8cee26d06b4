import { Refusal } from "#drive/refusal.js";
import type { WhenAttached as WhenAttachedPolicy } from "#drive/use-cases.js";
import {
  type PopulateVolumeRequest,
  type PopulateVolumeResponse,
  WhenAttached,
} from "#gen/configdrive/v1/drive_service.js";
import { contentOf } from "../messages/content.js";
import { driveMessage } from "../messages/drive.js";
import { formatWish } from "../messages/image-format.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** PopulateVolume: makes a drive, or the next generation of one. */
export const populateVolume: Handler<PopulateVolumeRequest, PopulateVolumeResponse> = async (drives, request, call) => {
  if (request.content === undefined) throw new Refusal("INVALID_ARGUMENT", "content: is required");
  const format = formatWish(request.format);
  const { deleteOnTermination } = request;
  const drive = await drives.populate(
    {
      ...mutationOf(request),
      driveId: request.driveId,
      content: contentOf(request.content),
      label: request.label,
      sizeBytes: Number(request.sizeBytes),
      whenAttached: policyOf(request.whenAttached),
      ...(format === undefined ? {} : { format }),
      ...(deleteOnTermination === undefined ? {} : { deleteOnTermination }),
    },
    call,
  );
  return { drive: driveMessage(drive) };
};

function policyOf(message: WhenAttached): WhenAttachedPolicy {
  if (message === WhenAttached.WHEN_ATTACHED_STAGE) return "stage";
  return message === WhenAttached.WHEN_ATTACHED_REFRESH ? "refresh" : "refuse";
}
