import { Refusal } from "#drive/refusal.js";

/** A reference as logs and errors may show it: without user, password and query, for those are often the right to read it. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Refusals about one reference; none shows more of it than `shownUrl`. */
export class SourceFailure {
  readonly #metadata: { url: string };
  constructor(url: string) {
    this.#metadata = { url: shownUrl(url) };
  }

  notAllowed(rule: string, cause?: unknown): Refusal {
    return this.#refusal("SOURCE_NOT_ALLOWED", rule, cause);
  }
  notFound(rule: string, cause?: unknown): Refusal {
    return this.#refusal("SOURCE_NOT_FOUND", rule, cause);
  }
  mismatch(rule: string): Refusal {
    return this.#refusal("SOURCE_MISMATCH", rule);
  }
  unreachable(rule: string, cause?: unknown): Refusal {
    return this.#refusal("SOURCE_UNREACHABLE", rule, cause);
  }
  tooLarge(actual: number, limit: number): Refusal {
    const metadata = { ...this.#metadata, actual_bytes: String(actual), limit_bytes: String(limit) };
    return new Refusal(
      "CONTENT_TOO_LARGE",
      `${this.#metadata.url} has ${actual} bytes or more, the limit is ${limit}`,
      { metadata },
    );
  }

  #refusal(
    reason: "SOURCE_NOT_ALLOWED" | "SOURCE_NOT_FOUND" | "SOURCE_MISMATCH" | "SOURCE_UNREACHABLE",
    rule: string,
    cause?: unknown,
  ) {
    return new Refusal(reason, `${this.#metadata.url}: ${rule}`, {
      metadata: this.#metadata,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
