import { Refusal } from "#drive/refusal.js";
import type { Call, DriveUseCases } from "#drive/use-cases.js";
import type { UploadContentRequest, UploadContentResponse } from "#gen/configdrive/v1/drive_service.js";
import type { CountBytes } from "../admit.js";
import { methodOf } from "../contract.js";
import { checkLimits } from "../limits.js";

/** UploadContent: takes bytes as they come. A stream, so gRPC's alone. Each message is held to its limits, and its bytes are counted. */
export async function uploadContent(
  drives: DriveUseCases,
  messages: AsyncIterable<UploadContentRequest>,
  call: Call,
  countBytes: CountBytes,
): Promise<UploadContentResponse> {
  const { request } = methodOf("UploadContent");
  const iterator = messages[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await iterator.next();
    if (done === true) return undefined;
    checkLimits(request, value);
    countBytes(value.data.length);
    return value;
  };
  const first = await next();
  async function* bytes() {
    for (let message = first; message !== undefined; message = await next()) {
      if (message !== first && (message.sizeBytes !== 0n || message.sha256 !== "")) throw notFirst();
      yield message.data;
    }
  }
  const { sizeBytes = 0n, sha256 = "" } = first ?? {};
  const made = await drives.upload({ bytes: bytes(), sizeBytes: Number(sizeBytes), sha256 }, call);
  const { content, contentId, expiresAt } = made;
  return { contentId, sizeBytes: BigInt(content.sizeBytes), sha256: content.sha256, expiresAt };
}

function notFirst(): Refusal {
  const rule = "only in the first message";
  const violations = [
    { field: "size_bytes", rule },
    { field: "sha256", rule },
  ];
  return new Refusal("INVALID_ARGUMENT", `size_bytes, sha256: ${rule}`, { violations });
}
