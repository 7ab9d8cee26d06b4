import { GuestProfile, type Layout } from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import type { Init } from "#grpc/request-init.js";

/** What a drive shall hold, as requests take it. */
export type DriveContent = Init<NonNullable<PopulateVolumeRequest["content"]>>;

/** The volume's bytes, exactly. */
export function blob(bytes: Uint8Array): DriveContent {
  return { $case: "blob", value: { data: bufferOf(bytes) } };
}

/** The volume's bytes, as they were uploaded. */
export function uploaded({ contentId }: { readonly contentId: string }): DriveContent {
  return { $case: "blob", value: { elsewhere: { $case: "contentId", value: contentId } } };
}

/** The volume's bytes, as they stand elsewhere: `https://…`, `s3://bucket/key`, `swift://container/object`. */
export function at(
  url: string,
  facts: { readonly sha256?: string; readonly sizeBytes?: bigint | number } = {},
): DriveContent {
  return { $case: "blob", value: { elsewhere: { $case: "source", value: { url, ...facts } } } };
}

/** Files by their paths, with text or bytes; the service makes the file system. */
export function files(tree: Readonly<Record<string, string | Uint8Array>>): DriveContent {
  const list = Object.entries(tree).map(([path, what]) => {
    const data = { $case: "content", value: typeof what === "string" ? Buffer.from(what) : bufferOf(what) } as const;
    return { path, data };
  });
  return { $case: "files", value: { files: list } };
}

/** What the instance is to know (docs/config-data.md), as a value or as JSON text; the service makes the files. */
export function configData(
  layout: Layout,
  data: object | string,
  guest: GuestProfile = GuestProfile.GUEST_PROFILE_LINUX,
): DriveContent {
  const json = typeof data === "string" ? data : JSON.stringify(data);
  return { $case: "configData", value: { layout, json, guest } };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
