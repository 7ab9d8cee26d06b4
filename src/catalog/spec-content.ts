import { z } from "zod";
import type { ConfigData, Content, KeptBytes } from "#drive/spec.js";

/**
 * How content stands in the catalog: a length (4 bytes, big-endian), as many bytes of JSON that say what there is, then the
 * bytes themselves, one after another. So nothing is escaped, and text and bytes cost what they weigh. Of content in the
 * content store there is the digest and the size, and no bytes.
 */
const describes = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("blob"), size: z.int().nonnegative(), sha256: z.string().optional() }),
  z.object({
    kind: z.literal("files"),
    files: z.array(
      z.object({
        path: z.string(),
        mode: z.int().optional(),
        size: z.int().nonnegative().optional(),
        sha256: z.string().optional(),
        sameAs: z.string().optional(),
      }),
    ),
    directories: z.array(z.object({ path: z.string(), mode: z.int().optional() })),
  }),
  z.object({
    kind: z.literal("config_data"),
    size: z.int().nonnegative(),
    layout: z.enum(["openstack", "nocloud", "ovf", "opennebula"] satisfies ConfigData["layout"][]),
    guest: z.enum(["linux", "windows", "minimal"] satisfies ConfigData["guest"][]),
    instance: z
      .object({ id: z.string(), name: z.string().optional(), launchIndex: z.int().optional() })
      .transform(({ id, name, launchIndex }) => ({
        id,
        ...(name === undefined ? {} : { name }),
        ...(launchIndex === undefined ? {} : { launchIndex }),
      }))
      .optional(),
  }),
]);
type Describes = z.infer<typeof describes>;

const lengthBytes = 4;

/** Content as one run of bytes. */
export function encodeContent(content: Content): Uint8Array {
  const header = Buffer.from(JSON.stringify(describe(content)));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header, ...bodiesOf(content).filter((bytes) => bytes instanceof Uint8Array)]);
}

function bodiesOf(content: Content): readonly KeptBytes[] {
  if (content.kind === "blob") return [content.bytes];
  if (content.kind === "config_data") return [Buffer.from(content.json)];
  return content.files.flatMap(({ data }) => (data.kind === "content" ? [data.bytes] : []));
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
  const kept = (size: number, sha256: string | undefined): KeptBytes =>
    sha256 === undefined ? take(size) : { sha256, sizeBytes: size };
  if (description.kind === "blob") return { kind: "blob", bytes: kept(description.size, description.sha256) };
  if (description.kind === "config_data") {
    const { kind, layout, guest, instance, size } = description;
    return { kind, layout, guest, json: Buffer.from(take(size)).toString(), ...(instance && { instance }) };
  }
  return {
    kind: "files",
    files: description.files.map(({ path, mode, size, sha256, sameAs }) => ({
      path,
      data:
        sameAs === undefined ? { kind: "content", bytes: kept(size ?? 0, sha256) } : { kind: "same_as", path: sameAs },
      ...(mode === undefined ? {} : { mode }),
    })),
    directories: description.directories.map(({ path, mode }) => ({ path, ...(mode === undefined ? {} : { mode }) })),
  };
}

function describe(content: Content): Describes {
  if (content.kind === "blob") return { kind: "blob", ...measure(content.bytes) };
  if (content.kind === "config_data") {
    const { json, ...rest } = content;
    return { ...rest, size: Buffer.byteLength(json) };
  }
  return {
    kind: "files",
    files: content.files.map(({ path, mode, data }) =>
      data.kind === "content" ? { path, mode, ...measure(data.bytes) } : { path, mode, sameAs: data.path },
    ),
    directories: content.directories.map(({ path, mode }) => ({ path, mode })),
  };
}

function measure(bytes: KeptBytes): { size: number; sha256?: string } {
  return bytes instanceof Uint8Array ? { size: bytes.length } : { size: bytes.sizeBytes, sha256: bytes.sha256 };
}
