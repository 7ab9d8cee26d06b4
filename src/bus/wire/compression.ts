import * as zlib from "node:zlib";
import { UndecodableMessage } from "./undecodable.js";

/** How a body is compressed, by the first of the names that kombu has for it. */
export type Compression = "gzip" | "brotli" | "zstd";

interface Codec {
  /** The value of the `compression` header, which may stand in `kombu_compression` too. */
  readonly type: string;
  /** Other names that kombu knows it by. */
  readonly aliases: readonly string[];
  readonly compress: (body: Buffer) => Buffer;
  readonly decompress: (body: Buffer, options: { maxOutputLength: number }) => Buffer;
}

/** What kombu registers (`kombu.compression`) and Node.js can do: brotli and zstd where a peer has Python's libraries for them. */
const codecs: Readonly<Record<Compression, Codec>> = {
  // Despite the name the body is a zlib stream (RFC 1950), not gzip (wire §3.1).
  gzip: {
    type: "application/x-gzip",
    aliases: ["zlib"],
    compress: (body) => zlib.deflateSync(body),
    decompress: zlib.inflateSync,
  },
  brotli: {
    type: "application/x-brotli",
    aliases: [],
    compress: (body) => zlib.brotliCompressSync(body, { params: brotliParams(body) }),
    decompress: zlib.brotliDecompressSync,
  },
  zstd: {
    type: "application/zstd",
    aliases: ["zstandard"],
    // Python reads a frame only if it says how much it holds.
    compress: (body) => zlib.zstdCompressSync(body, { pledgedSrcSize: body.length }),
    decompress: zlib.zstdDecompressSync,
  },
};

/** Every name under which a compression can be set or announced. */
const byName: ReadonlyMap<unknown, Compression> = new Map(
  (["gzip", "brotli", "zstd"] as const).flatMap((compression) => {
    const { type, aliases } = codecs[compression];
    return [compression, type, ...aliases].map((name) => [name, compression] as const);
  }),
);

/** What kombu has beyond that, and we refuse by name. `bz2`, which oslo.messaging's help names, is none of kombu's names. */
export const compressionsElsewhere = ["bzip2", "bzip", "application/x-bz2", "lzma", "xz", "application/x-lzma", "bz2"];

/** What `kombu_compression` may say here. */
export const compressionNames: readonly string[] = [...byName.keys()].map(String);

/** The compression of a name, as it stands in `kombu_compression` or a `compression` header. */
export function compressionNamed(name: unknown): Compression | undefined {
  return byName.get(name);
}

/** Compresses a body and names the header that says so. */
export function compress(body: Buffer, compression: Compression): { body: Buffer; headers: { compression: string } } {
  const codec = codecs[compression];
  return { body: codec.compress(body), headers: { compression: codec.type } };
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
  const compression = compressionNamed(header);
  if (compression === undefined) {
    if (looksLikeJson(body)) return body;
    const known = Object.keys(codecs).join(", ");
    throw new UndecodableMessage(`compression ${printable(header)} is not supported (known: ${known})`);
  }
  try {
    return codecs[compression].decompress(body, { maxOutputLength: limit });
  } catch (error) {
    if (isTooLarge(error)) throw new UndecodableMessage(`body inflates to more than ${limit} bytes`);
    return body;
  }
}

/** Brotli's own default is its slowest quality, a hundred times slower than this one for a few percent. */
function brotliParams(body: Buffer): Record<number, number> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_SIZE_HINT]: body.length };
}

function isTooLarge(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

/** Whether it begins as an object does, after any white space (RFC 8259 §2). */
function looksLikeJson(body: Buffer): boolean {
  const first = body.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return body[first] === 0x7b;
}

function printable(header: unknown): string {
  return typeof header === "string" ? JSON.stringify(header.slice(0, 40)) : `of type ${typeof header}`;
}
