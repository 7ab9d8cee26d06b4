import { z } from "zod";
import type { Content } from "#drive/spec.js";

/**
 * How content stands in the catalog: a length (4 bytes, big-endian), as many bytes of JSON that say what there is, then the
 * bytes themselves, one after another. So nothing is escaped, and text and bytes cost what they weigh.
 */
const describes = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("blob"), size: z.int().nonnegative() }),
  z.object({
    kind: z.literal("files"),
    files: z.array(
      z.object({
        path: z.string(),
        mode: z.int().optional(),
        size: z.int().nonnegative().optional(),
        sameAs: z.string().optional(),
      }),
    ),
    directories: z.array(z.object({ path: z.string(), mode: z.int().optional() })),
  }),
]);
type Describes = z.infer<typeof describes>;

const lengthBytes = 4;

/** Content as one run of bytes. */
export function encodeContent(content: Content): Uint8Array {
  const header = Buffer.from(JSON.stringify(describe(content)));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(header.length);
  const bodies =
    content.kind === "blob"
      ? [content.bytes]
      : content.files.flatMap(({ data }) => (data.kind === "content" ? [data.bytes] : []));
  return Buffer.concat([length, header, ...bodies]);
}

/** The content that `encodeContent` wrote. Throws `RangeError` or `SyntaxError` on bytes that it did not. */
export function decodeContent(bytes: Uint8Array): Content {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = lengthBytes + buffer.readUInt32BE(0);
  const description = describes.parse(JSON.parse(buffer.toString("utf8", lengthBytes, at)));
  const take = (size: number): Uint8Array => {
    if (at + size > buffer.length) throw new RangeError(`content ends at ${buffer.length}, ${at + size} is needed`);
    at += size;
    return buffer.subarray(at - size, at);
  };
  if (description.kind === "blob") return { kind: "blob", bytes: take(description.size) };
  return {
    kind: "files",
    files: description.files.map(({ path, mode, size, sameAs }) => ({
      path,
      data: sameAs === undefined ? { kind: "content", bytes: take(size ?? 0) } : { kind: "same_as", path: sameAs },
      ...(mode === undefined ? {} : { mode }),
    })),
    directories: description.directories.map(({ path, mode }) => ({ path, ...(mode === undefined ? {} : { mode }) })),
  };
}

function describe(content: Content): Describes {
  if (content.kind === "blob") return { kind: "blob", size: content.bytes.length };
  return {
    kind: "files",
    files: content.files.map(({ path, mode, data }) =>
      data.kind === "content" ? { path, mode, size: data.bytes.length } : { path, mode, sameAs: data.path },
    ),
    directories: content.directories.map(({ path, mode }) => ({ path, mode })),
  };
}
