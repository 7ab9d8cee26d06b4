import { planFat } from "#image/fat/plan-fat.js";
import { serialOfTime } from "#image/fat/serial.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { ImagePlan } from "#image/plan.js";
import { planRaw } from "#image/raw.js";
import { ImageRefusal } from "#image/refusal.js";
import { type ByteSource, type FileTree, fromBytes } from "#image/tree.js";
import type { ContentStore } from "./content-store.js";
import { Refusal } from "./refusal.js";
import type { Content, KeptBytes, Spec } from "./spec.js";

/** Where the bytes come from that a spec only names. */
type Contents = Pick<ContentStore, "read">;

/**
 * Lays out the image of a spec; `at` is the time stamped into it. The same spec and time give the same bytes.
 * Refusals: CONTENT_NOT_REPRESENTABLE names the field and the rule; VOLUME_TOO_SMALL.
 */
export function render(spec: Spec, at: Date, contents: Contents): ImagePlan {
  try {
    return layOut(spec, at, contents);
  } catch (error) {
    if (!(error instanceof ImageRefusal)) throw error;
    const needed = error.path === "sizeBytes" ? leastBytes(spec, at, contents) : 0;
    const field = contractField(error.path);
    throw new Refusal(
      needed > spec.sizeBytes ? "VOLUME_TOO_SMALL" : "CONTENT_NOT_REPRESENTABLE",
      `${field} ${error.rule}`,
      {
        metadata: needed > 0 ? { actual_bytes: String(needed), limit_bytes: String(spec.sizeBytes) } : { field },
        violations: [{ field, rule: error.rule }],
        cause: error,
      },
    );
  }
}

/** The size of the smallest volume that holds a spec; 0 where no size is the right one. */
function leastBytes(spec: Spec, at: Date, contents: Contents): number {
  try {
    return layOut({ ...spec, sizeBytes: 0 }, at, contents).size;
  } catch (error) {
    if (error instanceof ImageRefusal) return 0;
    throw error;
  }
}

function layOut({ content, format, label, sizeBytes }: Spec, time: Date, contents: Contents): ImagePlan {
  const size = sizeBytes === 0 ? {} : { sizeBytes };
  if (content.kind === "blob") return planRaw(sourceOf(content.bytes, contents), size);
  if (format === "iso9660") return planIso9660(toTree(content, contents), { label, time, ...size });
  if (format === "vfat")
    return planFat(toTree(content, contents), { label, time, serial: serialOfTime(time), ...size });
  throw new Refusal("INTERNAL", `files cannot be a ${format} image`);
}

/** The tree that a writer takes: equal bytes are one source, so that `same_as` costs nothing. */
function toTree(content: Extract<Content, { kind: "files" }>, contents: Contents): FileTree {
  const sources = new Map<string, ByteSource>();
  for (const { path, data } of content.files) {
    if (data.kind === "content") sources.set(path, sourceOf(data.bytes, contents));
  }
  return {
    files: content.files.map(({ path, data, mode }) => ({
      path,
      data: sources.get(data.kind === "content" ? path : data.path) ?? fromBytes(new Uint8Array()),
      ...(mode === undefined ? {} : { mode }),
    })),
    directories: content.directories.map(({ path, mode }) => ({ path, ...(mode === undefined ? {} : { mode }) })),
  };
}

function sourceOf(bytes: KeptBytes, contents: Contents): ByteSource {
  if (bytes instanceof Uint8Array) return fromBytes(bytes);
  return { size: bytes.sizeBytes, read: (signal) => contents.read(bytes, signal) };
}

/** The contract's name (proto/configdrive/v1) for what a writer refused. */
function contractField(path: string): string {
  if (path.startsWith("files[") || path.startsWith("directories[")) return `files.${path}`;
  const names: Readonly<Record<string, string>> = { sizeBytes: "size_bytes", blob: "blob.data", tree: "files" };
  return names[path] ?? path;
}
