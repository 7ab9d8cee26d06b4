import { deflateSync, inflateSync } from "node:zlib";
import { UndecodableMessage } from "./undecodable.js";

/** What `kombu_compression` may say here. Python also knows bz2, which Node.js has no codec for; `options.ts` refuses it by name. */
export type Compression = "gzip";

/** The value of the `compression` header. Despite the name the body is a zlib stream (RFC 1950), not gzip (wire §3.1). */
const zlibType = "application/x-gzip";
const zlibNames: ReadonlySet<unknown> = new Set([zlibType, "gzip", "zlib"]);

/** Compresses a body and names the header that says so. */
export function compress(body: Buffer): { body: Buffer; headers: { compression: string } } {
  return { body: deflateSync(body), headers: { compression: zlibType } };
}

/**
 * Undoes a peer's compression. Any peer may compress, whatever our own options say (wire §3.1). A body that is not what
 * its header claims is taken as it is, as Python takes it, and judged by its content.
 * @param header the message's `compression` header
 * @param limit largest inflated size in bytes; a body that would grow beyond it is not read
 * @throws UndecodableMessage naming the compression that cannot be undone, or the limit
 */
export function decompress(body: Buffer, header: unknown, limit: number): Buffer {
  if (header === undefined || header === null || header === "") return body;
  if (!zlibNames.has(header)) {
    if (looksLikeJson(body)) return body;
    throw new UndecodableMessage(`compression ${printable(header)} is not supported (known: ${zlibType})`);
  }
  try {
    return inflateSync(body, { maxOutputLength: limit });
  } catch (error) {
    if (isTooLarge(error)) throw new UndecodableMessage(`body inflates to more than ${limit} bytes`);
    return body;
  }
}

function isTooLarge(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function looksLikeJson(body: Buffer): boolean {
  return body[0] === 0x7b;
}

function printable(header: unknown): string {
  return typeof header === "string" ? JSON.stringify(header.slice(0, 40)) : `of type ${typeof header}`;
}
