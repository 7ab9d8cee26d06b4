import { createHash } from "node:crypto";
import type { ContentReference } from "#drive/content-source.js";
import { giveBack } from "./give-back.js";
import { SourceFailure } from "./source-failure.js";

/** Passes bytes on, each chunk until the next is asked for, while it counts and hashes them; throws at the end, or as soon as there are too many, if they are not those named. */
export async function* verified(
  reference: ContentReference,
  maxBytes: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const failure = new SourceFailure(reference.url);
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw failure.tooLarge(size, maxBytes);
    if (reference.sizeBytes !== undefined && size > reference.sizeBytes) {
      throw failure.mismatch(`has more than the ${reference.sizeBytes} bytes that were named`);
    }
    hash.update(chunk);
    yield chunk;
    giveBack(chunk);
  }
  if (reference.sizeBytes !== undefined && size !== reference.sizeBytes) {
    throw failure.mismatch(`has ${size} bytes, not the ${reference.sizeBytes} that were named`);
  }
  const sha256 = hash.digest("hex");
  if (reference.sha256 !== undefined && sha256 !== reference.sha256) {
    throw failure.mismatch(`has the SHA-256 ${sha256}, not the one that was named`);
  }
}
