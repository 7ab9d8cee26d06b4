import type { IncomingHttpHeaders } from "node:http";
import type { ContentReference } from "#drive/content-source.js";
import type { SourceFailure } from "./source-failure.js";

/**
 * Refuses an answer that ends where its connection does (RFC 9112, 6.3): a cut one looks whole, so it is good only for a caller who
 * named what it shall be. Refusals: SOURCE_UNREACHABLE.
 */
export function requireEnd(
  headers: IncomingHttpHeaders,
  { sizeBytes, sha256 }: ContentReference,
  failure: SourceFailure,
): void {
  if (sizeBytes !== undefined || sha256 !== undefined) return;
  const isChunked = /(^|,)\s*chunked\s*$/i.test(headers["transfer-encoding"] ?? "");
  if (isChunked || headers["content-length"] !== undefined) return;
  throw failure.unreachable("the server does not say where its answer ends; name sha256 or size_bytes to read it");
}
