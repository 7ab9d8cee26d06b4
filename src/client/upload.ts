import type { UploadContentRequest } from "#gen/configdrive/v1/drive_service.js";

/** Bytes to upload: all of them, as they come, or a function that gives them anew each time, so that it can be tried again. */
export type Content = Uint8Array | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

/** What is known of the bytes before they are sent: one of the two must be, so that a stream that breaks off leaves nothing. */
export interface ContentFacts {
  readonly sizeBytes?: bigint | number;
  /** Of all bytes, in lower-case hexadecimal. */
  readonly sha256?: string;
}

/** Bytes of one message: less than the contract's most, and many for one. */
const MESSAGE_BYTES = 1024 * 1024;

/** Whether the bytes can be read a second time. */
export function canBeSentAgain(content: Content): boolean {
  return content instanceof Uint8Array || typeof content === "function";
}

/** The messages of one upload; the facts are said in the first one. An empty upload is one message. */
export async function* uploadMessages(content: Content, facts: ContentFacts): AsyncGenerator<UploadContentRequest> {
  const known = content instanceof Uint8Array ? content.length : 0;
  let first = { sizeBytes: BigInt(facts.sizeBytes ?? known), sha256: facts.sha256 ?? "" };
  const none = { sizeBytes: 0n, sha256: "" };
  let sent = false;
  for await (const data of partsOf(content)) {
    yield { data, ...first };
    first = none;
    sent = true;
  }
  if (!sent) yield { data: Buffer.alloc(0), ...first };
}

async function* partsOf(content: Content): AsyncGenerator<Buffer> {
  const chunks = content instanceof Uint8Array ? [content] : typeof content === "function" ? content() : content;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += MESSAGE_BYTES) {
      const part = chunk.subarray(at, at + MESSAGE_BYTES);
      yield Buffer.from(part.buffer, part.byteOffset, part.length);
    }
  }
}
