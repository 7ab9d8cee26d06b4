import { createHash } from "node:crypto";
import type { Dependencies } from "./dependencies.js";
import { Refusal } from "./refusal.js";
import type { StoredContent } from "./spec.js";
import type { Call } from "./use-cases.js";
import { waitEnded } from "./wait.js";

/** Content that a caller sent before it is used. */
export interface Upload {
  readonly contentId: string;
  readonly projectId: string;
  readonly content: StoredContent;
  /** From then on it is as if it were never made. */
  readonly expiresAt: Date;
}

/** Bytes as they come, and what the caller says that they will be: one of the two at least, for some transports end what breaks off like what is complete. */
export interface UploadContent {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** 0: not said. */
  readonly sizeBytes: number;
  /** Empty: not said. */
  readonly sha256: string;
}

/**
 * Takes bytes into the content store as they come; a stream that breaks off leaves nothing.
 * Refusals: CONTENT_TOO_LARGE as soon as there are too many; INVALID_ARGUMENT where they are not what was said; STORAGE_FULL,
 * STORAGE_FAILED, CATALOG_FAILED, DEADLINE_EXCEEDED, CANCELLED.
 */
export async function upload(
  deps: Pick<Dependencies, "catalog" | "contents" | "limits" | "now" | "newId">,
  { bytes, sizeBytes, sha256 }: UploadContent,
  call: Call,
): Promise<Upload> {
  if (sizeBytes === 0 && sha256 === "") {
    throw differs(
      "size_bytes",
      "one of size_bytes and sha256 must be said, or a broken-off upload would look complete",
    );
  }
  if (sizeBytes > deps.limits.contentBytes) throw tooLarge(sizeBytes, deps.limits.contentBytes);
  using hold = deps.contents.hold();
  const checked = held(bytes, sizeBytes, sha256, deps.limits.contentBytes);
  const content = await hold.put(checked, { signal: call.signal }).catch((error: unknown) => {
    throw call.signal.aborted && !(error instanceof Refusal) ? waitEnded(call.signal) : error;
  });
  const expiresAt = new Date(deps.now().getTime() + deps.limits.uploadMs);
  const made = { contentId: deps.newId(), projectId: call.projectId, content, expiresAt };
  await deps.catalog.keepUpload(made);
  return made;
}

/** The upload of this project by its id. Refusals: CONTENT_NOT_FOUND, also for another project's and for one that expired. */
export async function uploadOf(
  { catalog, now }: Pick<Dependencies, "catalog" | "now">,
  projectId: string,
  contentId: string,
): Promise<Upload> {
  const found = await catalog.findUpload(contentId);
  if (found === undefined || found.projectId !== projectId || found.expiresAt <= now()) {
    throw new Refusal("CONTENT_NOT_FOUND", `there is no upload ${contentId}`, { metadata: { content_id: contentId } });
  }
  return found;
}

async function* held(bytes: AsyncIterable<Uint8Array>, sizeBytes: number, sha256: string, most: number) {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) throw tooLarge(size, most);
    hash.update(chunk);
    yield chunk;
  }
  if (sizeBytes !== 0 && size !== sizeBytes) throw differs("size_bytes", `${size} bytes came, not ${sizeBytes}`);
  const digest = hash.digest("hex");
  if (sha256 !== "" && digest !== sha256) throw differs("sha256", `the bytes that came have the SHA-256 ${digest}`);
}

function tooLarge(actual: number, limit: number): Refusal {
  return new Refusal("CONTENT_TOO_LARGE", `the upload has ${actual} bytes or more, the limit is ${limit}`, {
    metadata: { actual_bytes: String(actual), limit_bytes: String(limit) },
  });
}

function differs(field: string, rule: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `${field}: ${rule}`, { violations: [{ field, rule }] });
}
