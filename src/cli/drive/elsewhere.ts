import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { PopulateVolumeRequest, UploadContentRequest } from "#gen/configdrive/v1/drive_service.js";
import type { ClientCall, DriveClient } from "#grpc/client.js";
import { CommandFailure } from "../failure.js";

/** A volume whose bytes are not in the request: exactly one of the two, and then no other content. */
export interface ElsewhereOptions {
  readonly source?: string;
  readonly sha256?: string;
  readonly upload?: string;
}

/** Bytes of one message of an upload. */
const MESSAGE = 1024 * 1024;

/** Whether the content is named and not given. Throws `CommandFailure` where the options do not go together. */
export function isElsewhere({ source, sha256, upload }: ElsewhereOptions, others: readonly unknown[]): boolean {
  if (sha256 !== undefined && source === undefined) throw new CommandFailure("--sha256 goes with --source");
  const named = [source, upload].filter((each) => each !== undefined).length;
  if (named > 1 || (named === 1 && others.some((each) => each !== undefined))) {
    throw new CommandFailure("--source and --upload go with no other content");
  }
  return named === 1;
}

/** The volume as a request names it, once a file is uploaded. */
export async function elsewhereMessage(
  { source, sha256, upload }: ElsewhereOptions,
  client: DriveClient,
  how: ClientCall,
): Promise<NonNullable<PopulateVolumeRequest["content"]>> {
  const data = Buffer.alloc(0);
  if (upload !== undefined) {
    const { contentId } = await client.uploadContent(messagesOf(upload, (await stat(upload)).size), how);
    return { $case: "blob", value: { data, elsewhere: { $case: "contentId", value: contentId } } };
  }
  const value = { url: source ?? "", sha256: sha256 ?? "", sizeBytes: 0n };
  return { $case: "blob", value: { data, elsewhere: { $case: "source", value } } };
}

/** The size is said first, so that a file that changes meanwhile is refused. */
async function* messagesOf(path: string, size: number): AsyncGenerator<UploadContentRequest> {
  let sizeBytes = BigInt(size);
  for await (const data of createReadStream(path, { highWaterMark: MESSAGE })) {
    yield { data, sizeBytes, sha256: "" };
    sizeBytes = 0n;
  }
}
