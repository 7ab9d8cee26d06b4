import { planFat } from "#image/fat/plan-fat.js";
import { serialOfTime } from "#image/fat/serial.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { ImagePlan } from "#image/plan.js";
import { planRaw } from "#image/raw.js";
import { ImageRefusal } from "#image/refusal.js";
import { type ByteSource, type FileTree, fromBytes } from "#image/tree.js";
import { filesOf, suits } from "./config-data.js";
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
    const [field, rule] = inContract(spec.content, error);
    throw new Refusal(needed > spec.sizeBytes ? "VOLUME_TOO_SMALL" : "CONTENT_NOT_REPRESENTABLE", `${field} ${rule}`, {
      metadata: needed > 0 ? { actual_bytes: String(needed), limit_bytes: String(spec.sizeBytes) } : { field },
      violations: [{ field, rule }],
      cause: error,
    });
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
  if (content.kind === "files") return planFileSystem(toTree(content, contents), format, label, time, size);
  const { tree, maxImageBytes } = filesOf(content);
  const plan = planFileSystem(tree, format, label, time, size);
  refuseLargerThan(Math.min(maxImageBytes ?? Infinity, suits(content, { format }).maxImageBytes ?? Infinity), plan);
  return plan;
}

function planFileSystem(
  tree: FileTree,
  format: Spec["format"],
  label: string,
  time: Date,
  size: { readonly sizeBytes?: number },
): ImagePlan {
  if (format === "iso9660") return planIso9660(tree, { label, time, ...size });
  if (format === "vfat") return planFat(tree, { label, time, serial: serialOfTime(time), ...size });
  throw new Refusal("INTERNAL", `files cannot be a ${format} image`);
}

/** Readers of some layouts, in some guests, do not find or do not read whole what is larger. */
function refuseLargerThan(most: number, { size }: ImagePlan): void {
  if (size <= most) return;
  const rule = `makes an image of ${size} bytes; readers of this layout in this guest take at most ${most}`;
  throw new Refusal("CONTENT_NOT_REPRESENTABLE", `config_data ${rule}`, {
    metadata: { field: "config_data" },
    violations: [{ field: "config_data", rule }],
  });
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

/** The field of the request that a writer refused, and the rule. The files of config data are not the caller's own. */
function inContract(content: Content, { path, rule }: ImageRefusal): [field: string, rule: string] {
  const isOurs = content.kind === "config_data" && /^(files|directories)\[/.test(path);
  return isOurs ? ["config_data.json", `gives ${path}, which ${rule}`] : [contractField(path), rule];
}

/** The contract's name (proto/configdrive/v1) for what a writer refused. */
function contractField(path: string): string {
  if (path.startsWith("files[") || path.startsWith("directories[")) return `files.${path}`;
  const names: Readonly<Record<string, string>> = { sizeBytes: "size_bytes", blob: "blob.data", tree: "files" };
  return names[path] ?? path;
}
