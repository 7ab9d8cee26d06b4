import type { Call, DriveUseCases } from "#drive/use-cases.js";
import type { DownloadImageRequest, DownloadImageResponse } from "#gen/configdrive/v1/drive_service.js";
import { formatMessage } from "../messages/image-format.js";

/** DownloadImage: gives the bytes of an image. A stream, so gRPC's alone. */
export async function* downloadImage(
  drives: DriveUseCases,
  { driveId, generation }: DownloadImageRequest,
  call: Call,
): AsyncGenerator<DownloadImageResponse> {
  const download = await drives.download({ driveId, generation }, call);
  const { number, format, sizeBytes, sha256 } = download.generation;
  const header = { generation: number, format: formatMessage(format), sizeBytes: BigInt(sizeBytes), sha256 };
  yield { part: { $case: "header", value: header } };
  for await (const bytes of download.parts) {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    yield { part: { $case: "data", value } };
  }
}
