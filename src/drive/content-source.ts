import type { Wait } from "./hypervisor.js";

/** Bytes that stand elsewhere. */
export interface ContentReference {
  /** `https://…`, `http://…`, `s3://bucket/key`, `swift://container/object` or `file:///…`. */
  readonly url: string;
  /** SHA-256 that the bytes must have, lower-case hexadecimal; unset: any. */
  readonly sha256?: string;
  /** How many bytes it must be; unset: any number up to the limit. */
  readonly sizeBytes?: number;
}

/**
 * Reads bytes that stand elsewhere. The iteration ends well only when every byte came and size and digest are right: whoever
 * takes the bytes must keep nothing of an iteration that throws. A chunk is there until the next is asked for.
 * Refusals: SOURCE_NOT_ALLOWED, SOURCE_NOT_FOUND, SOURCE_MISMATCH, SOURCE_UNREACHABLE, CONTENT_TOO_LARGE, DEADLINE_EXCEEDED, CANCELLED.
 */
export interface ContentSource {
  /** The schemes that are read from, such as `https`. */
  readonly schemes: readonly string[];
  /** Refuses what is known beforehand not to be read from. Refusals: SOURCE_NOT_ALLOWED. */
  check(reference: ContentReference): void;
  read(reference: ContentReference, maxBytes: number, wait: Wait): AsyncIterable<Uint8Array>;
}
