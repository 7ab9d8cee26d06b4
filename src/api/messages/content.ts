import type { ContentReference } from "#drive/content-source.js";
import { Refusal } from "#drive/refusal.js";
import type { AskedBytes, AskedContent, ConfigData, FileData } from "#drive/spec.js";
import {
  type Blob,
  type ConfigData as ConfigDataMessage,
  type File,
  type FileTree,
  GuestProfile,
  Layout,
  type Source,
} from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import { keyOf } from "./key-of.js";

type ContentMessage = NonNullable<PopulateVolumeRequest["content"]>;

/** What a drive shall hold, from the contract's words. @throws Refusal INVALID_ARGUMENT for bytes that are given in two ways */
export function contentOf(message: ContentMessage): AskedContent {
  switch (message.$case) {
    case "blob":
      return { kind: "blob", bytes: blobOf(message.value) };
    case "files":
      return filesOf(message.value);
    case "configData":
      return configDataOf(message.value);
  }
}

const LAYOUTS: Readonly<Record<ConfigData["layout"], Layout>> = {
  openstack: Layout.LAYOUT_OPENSTACK,
  nocloud: Layout.LAYOUT_NOCLOUD,
  ovf: Layout.LAYOUT_OVF,
  opennebula: Layout.LAYOUT_OPENNEBULA,
};

const GUESTS: Readonly<Record<ConfigData["guest"], GuestProfile>> = {
  linux: GuestProfile.GUEST_PROFILE_LINUX,
  windows: GuestProfile.GUEST_PROFILE_WINDOWS,
  minimal: GuestProfile.GUEST_PROFILE_MINIMAL,
};

function configDataOf({ layout, json, guest }: ConfigDataMessage): ConfigData {
  const named = keyOf(LAYOUTS, layout);
  // A text that UTF-8 cannot carry has no bytes to keep; gRPC and JSON decoders both let halves of pairs through.
  if (named !== undefined && json.isWellFormed())
    return { kind: "config_data", layout: named, json, guest: keyOf(GUESTS, guest) ?? "linux" };
  const [field, rule] = named === undefined ? ["layout", "is required"] : ["json", "must be well-formed Unicode"];
  throw new Refusal("INVALID_ARGUMENT", `config_data.${field}: ${rule}`, {
    violations: [{ field: `config_data.${field}`, rule }],
  });
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

/** Files and directories, from the contract's words. */
export function filesOf(tree: FileTree): AskedContent {
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
