import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { PopulateVolumeRequest, UploadContentRequest } from "#gen/configdrive/v1/drive_service.js";
import { DriveClient } from "#grpc/client.js";
import { CommandFailure } from "../failure.js";
import { Progress } from "../image/progress.js";
import type { SessionOptions, Surroundings } from "./service-command.js";
import { forPeople, howToCall, tlsOf } from "./session.js";

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

/** The volume as a request names it, once a file is uploaded. Throws `CommandFailure` where the service does not take it. */
export async function elsewhereMessage(
  options: SessionOptions & ElsewhereOptions,
  surroundings: Surroundings,
): Promise<NonNullable<PopulateVolumeRequest["content"]>> {
  const { source, sha256, upload, server } = options;
  const data = Buffer.alloc(0);
  if (upload === undefined) {
    const value = { url: source ?? "", sha256: sha256 ?? "", sizeBytes: 0n };
    return { $case: "blob", value: { data, elsewhere: { $case: "source", value } } };
  }
  const { size } = await stat(upload);
  using client = new DriveClient(server, tlsOf(options));
  using progress = new Progress(`uploading ${basename(upload)}`, size);
  const sent = client.uploadContent(messagesOf(upload, size, progress), howToCall(options, surroundings));
  const { contentId } = await sent.catch((error: unknown) => {
    throw forPeople(error, server);
  });
  return { $case: "blob", value: { data, elsewhere: { $case: "contentId", value: contentId } } };
}

/** The size is said first, so that a file that changes meanwhile is refused. */
async function* messagesOf(path: string, size: number, progress: Progress): AsyncGenerator<UploadContentRequest> {
  let sizeBytes = BigInt(size);
  for await (const data of createReadStream(path, { highWaterMark: MESSAGE })) {
    yield { data, sizeBytes, sha256: "" };
    progress.add(data.length);
    sizeBytes = 0n;
  }
}
