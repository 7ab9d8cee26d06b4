import type { ContentReference, ContentSource } from "#drive/content-source.js";
import { SourceFailure } from "#source/source-failure.js";
import { verified } from "#source/verified.js";

/** Content by reference as a test lays it down: nothing is read from anywhere else. Sizes, digests and limits hold as ever. */
export class FakeSources implements ContentSource {
  readonly schemes = ["https", "s3", "swift"] as const;
  readonly #contents = new Map<string, Uint8Array>();

  /** There are these bytes at a URL from now on. */
  put(url: string, bytes: Uint8Array): void {
    this.#contents.set(url, bytes);
  }

  check({ url }: ContentReference): void {
    const scheme = URL.canParse(url) ? new URL(url).protocol.slice(0, -1) : "";
    if (this.schemes.some((known) => known === scheme)) return;
    throw new SourceFailure(url).notAllowed(`must be a URL of ${this.schemes.join(", ")}`);
  }

  read(reference: ContentReference, maxBytes: number): AsyncIterable<Uint8Array> {
    this.check(reference);
    const bytes = this.#contents.get(reference.url);
    if (bytes === undefined) throw new SourceFailure(reference.url).notFound("nothing is there");
    async function* chunks(whole: Uint8Array) {
      // A copy, for whoever reads a chunk may do with it as it likes.
      yield new Uint8Array(whole);
    }
    return verified(reference, maxBytes, chunks(bytes));
  }
}
