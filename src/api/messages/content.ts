import type { ContentReference } from "#drive/content-source.js";
import { Refusal } from "#drive/refusal.js";
import type { AskedBytes, AskedContent, FileData } from "#drive/spec.js";
import type { Blob, File, FileTree, Source } from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";

type ContentMessage = NonNullable<PopulateVolumeRequest["content"]>;

/** What a drive shall hold, from the contract's words. @throws Refusal INVALID_ARGUMENT for bytes that are given in two ways */
export function contentOf(message: ContentMessage): AskedContent {
  switch (message.$case) {
    case "blob":
      return { kind: "blob", bytes: blobOf(message.value) };
    case "files":
      return filesOf(message.value);
  }
}

function blobOf({ data, elsewhere }: Blob): AskedBytes {
  if (elsewhere === undefined) return data;
  if (data.length > 0) {
    const rule = "must be empty where `content_id` or `source` is given";
    throw new Refusal("INVALID_ARGUMENT", `blob.data: ${rule}`, { violations: [{ field: "blob.data", rule }] });
  }
  return elsewhere.$case === "source" ? referenceOf(elsewhere.value) : { contentId: elsewhere.value };
}

function referenceOf({ url, sha256, sizeBytes }: Source): ContentReference {
  return {
    url,
    ...(sha256 === "" ? {} : { sha256 }),
    ...(sizeBytes === 0n ? {} : { sizeBytes: Number(sizeBytes) }),
  };
}

function filesOf(tree: FileTree): AskedContent {
  return {
    kind: "files",
    files: tree.files.map((file) => ({ path: file.path, data: dataOf(file), ...modeOf(file) })),
    directories: tree.directories.map((directory) => ({ path: directory.path, ...modeOf(directory) })),
  };
}

function dataOf({ data }: File): FileData<AskedBytes> {
  switch (data?.$case) {
    case undefined:
      return { kind: "content", bytes: new Uint8Array(0) };
    case "content":
      return { kind: "content", bytes: data.value };
    case "text":
      return { kind: "content", bytes: Buffer.from(data.value, "utf8") };
    case "contentId":
      return { kind: "content", bytes: { contentId: data.value } };
    case "source":
      return { kind: "content", bytes: referenceOf(data.value) };
    case "sameAs":
      return { kind: "same_as", path: data.value };
  }
}

function modeOf({ mode }: { mode?: number | undefined }): { mode?: number } {
  return mode === undefined ? {} : { mode };
}
