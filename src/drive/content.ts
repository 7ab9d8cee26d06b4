import type { ImageFormat } from "#image/plan.js";
import { LABELS } from "#layout/layouts.js";
import { suits } from "./config-data.js";
import type { Limits } from "./limits.js";
import { type FieldViolation, Refusal } from "./refusal.js";
import type { AskedBytes, Content, KeptBytes, Spec } from "./spec.js";

/** Bytes before they were gathered, or after. */
type SomeBytes = AskedBytes | KeptBytes;

/** The label of a file system when the caller names none: what guests look for (cloud-init, DataSourceConfigDrive). */
export const defaultLabel = "config-2";

/** What a caller asked for, with its defaults filled in, held against the limits. */
export interface Wanted<Bytes> {
  readonly content: Content<Bytes>;
  readonly format?: ImageFormat;
  readonly label: string;
  readonly sizeBytes: number;
}

/**
 * Makes a spec of what a caller asked for. Nothing is rendered yet. Bytes that were not gathered yet count as far as their
 * number was said.
 * Refusals: INVALID_ARGUMENT, CONTENT_TOO_LARGE, VOLUME_TOO_SMALL; each names the field, the limit and the value.
 */
export function toSpec<Bytes extends SomeBytes>(wanted: Wanted<Bytes>, limits: Limits): Spec<Bytes> {
  const { content, sizeBytes } = wanted;
  const bytes = contentBytes(content);
  const field = FIELDS[content.kind];
  atMost("CONTENT_TOO_LARGE", field, bytes, limits.contentBytes, "bytes of content");
  atMost("INVALID_ARGUMENT", "size_bytes", sizeBytes, limits.volumeBytes, "bytes of a volume");
  if (content.kind === "files") {
    atMost(
      "CONTENT_TOO_LARGE",
      field,
      content.files.length + content.directories.length,
      limits.files,
      "files and directories",
    );
    const violations = [...longNames(content, limits), ...brokenReferences(content)];
    if (violations.length > 0) throw invalid(violations);
  }
  const format = formatOf(wanted);
  const label = wanted.label || labelFor(content);
  if (format === "raw" && label !== "") {
    throw invalid([{ field: "label", rule: "a raw image has no label" }]);
  }
  // What a layout makes of config data may be less than the data.
  if (sizeBytes > 0 && bytes > sizeBytes && content.kind !== "config_data") {
    throw new Refusal("VOLUME_TOO_SMALL", `size_bytes is ${sizeBytes}, the content alone has ${bytes} bytes`, {
      metadata: { actual_bytes: String(bytes), limit_bytes: String(sizeBytes) },
      violations: [{ field: "size_bytes", rule: `at least ${bytes}, the bytes of the content` }],
    });
  }
  return { content, format, label, sizeBytes };
}

/** Where the request has its content. */
const FIELDS: Readonly<Record<Content["kind"], string>> = {
  blob: "blob.data",
  files: "files.files",
  config_data: "config_data.json",
};

function labelFor(content: Content<SomeBytes>): string {
  if (content.kind === "config_data") return LABELS[content.layout];
  return content.kind === "files" ? defaultLabel : "";
}

function formatOf({ content, format }: Wanted<SomeBytes>): ImageFormat {
  if (content.kind === "config_data") return suits(content, format === undefined ? {} : { format }).format;
  if (content.kind === "blob") {
    if (format === undefined || format === "raw") return "raw";
    throw invalid([{ field: "format", rule: "a blob is the volume itself: raw, or not said" }]);
  }
  if (format === "raw")
    throw invalid([{ field: "format", rule: "files need a file system: iso9660 or vfat, or not said" }]);
  return format ?? "iso9660";
}

function contentBytes(content: Content<SomeBytes>): number {
  if (content.kind === "blob") return knownSize(content.bytes);
  if (content.kind === "config_data") return Buffer.byteLength(content.json);
  return content.files.reduce((sum, { data }) => sum + (data.kind === "content" ? knownSize(data.bytes) : 0), 0);
}

function knownSize(bytes: SomeBytes): number {
  if (bytes instanceof Uint8Array) return bytes.length;
  return "sizeBytes" in bytes ? (bytes.sizeBytes ?? 0) : 0;
}

/** Paths, and names in them, that are longer than the service takes. */
function longNames(
  { files, directories }: Extract<Content<SomeBytes>, { kind: "files" }>,
  { pathBytes, nameBytes }: Limits,
): FieldViolation[] {
  const long = (list: "files" | "directories", { path }: { readonly path: string }, index: number) => {
    const field = `files.${list}[${index}].path`;
    const bytes = Buffer.byteLength(path);
    if (bytes > pathBytes) return [{ field, rule: `at most ${pathBytes} bytes (got ${bytes})` }];
    if (bytes <= nameBytes) return [];
    const name = Math.max(...path.split("/").map((part) => Buffer.byteLength(part)));
    return name > nameBytes ? [{ field, rule: `at most ${nameBytes} bytes in each name (got ${name})` }] : [];
  };
  return [
    ...files.flatMap((file, index) => long("files", file, index)),
    ...directories.flatMap((directory, index) => long("directories", directory, index)),
  ];
}

/** `same_as` names a file of this tree that has bytes of its own (content.proto, File.same_as). */
function brokenReferences(content: Extract<Content<SomeBytes>, { kind: "files" }>): FieldViolation[] {
  const own = new Set(content.files.filter((file) => file.data.kind === "content").map((file) => file.path));
  return content.files.flatMap(({ data }, index) =>
    data.kind === "same_as" && !own.has(data.path)
      ? [{ field: `files.files[${index}].same_as`, rule: "names a file of this tree with content of its own" }]
      : [],
  );
}

function atMost(
  reason: "CONTENT_TOO_LARGE" | "INVALID_ARGUMENT",
  field: string,
  value: number,
  limit: number,
  unit: string,
): void {
  if (value <= limit) return;
  throw new Refusal(reason, `${field} has ${value} ${unit}, the limit is ${limit}`, {
    metadata: reason === "CONTENT_TOO_LARGE" ? { actual_bytes: String(value), limit_bytes: String(limit) } : { field },
    violations: [{ field, rule: `at most ${limit} ${unit}` }],
  });
}

function invalid(violations: FieldViolation[]): Refusal {
  const [first] = violations;
  return new Refusal("INVALID_ARGUMENT", `${first?.field}: ${first?.rule}`, { violations });
}
