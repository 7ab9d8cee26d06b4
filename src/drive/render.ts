import type { ImagePlan } from "#image/plan.js";
import { ImageRefusal } from "#image/refusal.js";
import { type ByteSource, type FileTree, fromBytes } from "#image/tree.js";
import { Refusal } from "./refusal.js";
import type { Content, Spec } from "./spec.js";

/** Lays out the image of a spec; `at` is the time stamped into it. The same spec and time give the same bytes. */
export type Render = (spec: Spec, at: Date) => ImagePlan;

/** The writer of one format: what it needs from a spec. Refuses with `ImageRefusal`. */
export interface Writers {
  readonly raw: (bytes: Uint8Array) => ImagePlan;
  readonly iso9660: (tree: FileTree, options: { readonly label: string; readonly time: Date }) => ImagePlan;
}

/**
 * Renders specs with these writers. An image smaller than the volume asked for ends in zeros.
 * Refusals: CONTENT_NOT_REPRESENTABLE names the field and the rule; VOLUME_TOO_SMALL; INVALID_ARGUMENT for a format without
 * a writer.
 */
export function renderWith(writers: Writers): Render {
  return (spec, at) => {
    const plan = layOut(spec, at, writers);
    if (spec.sizeBytes === 0 || spec.sizeBytes === plan.size) return plan;
    if (plan.size < spec.sizeBytes) return { ...plan, size: spec.sizeBytes };
    throw new Refusal("VOLUME_TOO_SMALL", `size_bytes is ${spec.sizeBytes}, the image needs ${plan.size}`, {
      metadata: { size_bytes: String(spec.sizeBytes), needed_bytes: String(plan.size) },
      violations: [{ field: "size_bytes", rule: `at least ${plan.size}, the bytes of the image` }],
    });
  };
}

function layOut(spec: Spec, at: Date, writers: Writers): ImagePlan {
  try {
    if (spec.content.kind === "blob") return writers.raw(spec.content.bytes);
    if (spec.format === "iso9660") return writers.iso9660(toTree(spec.content), { label: spec.label, time: at });
  } catch (error) {
    if (!(error instanceof ImageRefusal)) throw error;
    const field = fieldOf(error.path, spec.content);
    throw new Refusal("CONTENT_NOT_REPRESENTABLE", error.message, {
      violations: [{ field, rule: error.rule }],
      cause: error,
    });
  }
  const rule = `${spec.format} images are not written by this service`;
  throw new Refusal("INVALID_ARGUMENT", `format: ${rule}`, { violations: [{ field: "format", rule }] });
}

/** The tree that a writer takes: equal bytes are one source, so that `same_as` costs nothing. */
function toTree(content: Extract<Content, { kind: "files" }>): FileTree {
  const sources = new Map<string, ByteSource>();
  for (const { path, data } of content.files) {
    if (data.kind === "content") sources.set(path, fromBytes(data.bytes));
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

/** The contract's name for what a writer refused: an entry by its index, or a field of the request. */
function fieldOf(path: string, content: Content): string {
  if (content.kind === "files") {
    const file = content.files.findIndex((entry) => entry.path === path);
    if (file >= 0) return `files.files[${file}].path`;
    const directory = content.directories.findIndex((entry) => entry.path === path);
    if (directory >= 0) return `files.directories[${directory}].path`;
  }
  return path;
}
