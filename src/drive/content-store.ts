import type { Wait } from "./hypervisor.js";
import type { StoredContent } from "./spec.js";

/** Something that stands in the store: content by its digest, or (`sha256` undefined) what a cut-off write left. */
export interface StoredContentFile {
  readonly name: string;
  readonly sha256: string | undefined;
}

/**
 * Keeps content where it is while somebody works with it and the catalog does not know of it yet. Everything that was put or
 * taken is no orphan until the hold is disposed of.
 */
export interface ContentHold extends Disposable {
  /**
   * Writes bytes as they come, beside their place; durable when it returns. What throws leaves nothing.
   * Refusals: STORAGE_FULL, STORAGE_FAILED, DEADLINE_EXCEEDED, CANCELLED, and whatever the bytes refuse.
   */
  put(bytes: AsyncIterable<Uint8Array>, wait: Wait): Promise<StoredContent>;
  /** Holds what stands there already; `false` when it does not. Refusals: STORAGE_FAILED. */
  take(content: StoredContent): Promise<boolean>;
}

/**
 * Where content stands that did not come inline: on this host, by its SHA-256, so that equal bytes stand there once. What no
 * spec and no upload names is an orphan.
 */
export interface ContentStore {
  hold(): ContentHold;
  /** The bytes, a part at a time; a part is good until the next is asked for. Refusals: STORAGE_FAILED, also where they are gone. */
  read(content: StoredContent, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Everything that stands in the store and that nobody holds or writes. Only one lists at a time. */
  list(): Promise<readonly StoredContentFile[]>;
  /** Removes what `list` named, unless somebody put or took it since. Gives whether it was removed. */
  discard(file: StoredContentFile): Promise<boolean>;
}
