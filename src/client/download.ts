import { createHash } from "node:crypto";
import type { DownloadImageResponse, ImageHeader } from "#gen/configdrive/v1/drive_service.js";
import type { ClientCall } from "#grpc/client.js";
import { RemoteError } from "#grpc/remote-error.js";
import { ConfigDriveError, fromRemote } from "./error.js";
import type { Tries } from "./tries.js";

/** An image on its way. Whoever does not read it to its end disposes of it. */
export interface DownloadedImage extends AsyncDisposable {
  /** What it is: generation, format, size and SHA-256. */
  readonly header: ImageHeader;
  /** Its bytes, once. Good only when the loop ends well: throws `ConfigDriveError` where size or digest is another than announced. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Opens a download; what the service refuses is tried again until the first part came, and not after. */
export async function download(
  tries: Tries,
  open: (how: ClientCall) => AsyncIterable<DownloadImageResponse>,
): Promise<DownloadedImage> {
  const { parts, header } = await tries.run(async (how) => {
    const opened = open(how)[Symbol.asyncIterator]();
    const { value } = await opened.next();
    if (value?.part?.$case !== "header") throw damaged(tries, "the image came without its header");
    return { parts: opened, header: value.part.value };
  });
  return {
    header,
    bytes: checked(parts, header, tries),
    [Symbol.asyncDispose]: async () => void (await parts.return?.()),
  };
}

async function* checked(
  parts: AsyncIterator<DownloadImageResponse>,
  { sizeBytes, sha256 }: ImageHeader,
  tries: Tries,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let size = 0n;
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.part?.$case !== "data") continue;
      const { value } = next.value.part;
      size += BigInt(value.length);
      hash.update(value);
      yield value;
    }
  } catch (error) {
    tries.options.signal?.throwIfAborted();
    throw error instanceof RemoteError ? fromRemote(error, tries.ids) : error;
  } finally {
    await parts.return?.();
  }
  if (size === sizeBytes && hash.digest("hex") === sha256) return;
  throw damaged(tries, `${size} bytes came that are not the ${sizeBytes} with sha256 ${sha256}`);
}

function damaged({ ids }: Tries, message: string): ConfigDriveError {
  const advice = "Download it again.";
  return new ConfigDriveError(message, { reason: "DATA_LOSS", status: "DATA_LOSS", advice, ...ids });
}
