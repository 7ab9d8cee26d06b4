/** What `configdrive-bridge/client` exports. */
export type { ConfigData, File, FileTree } from "#gen/configdrive/v1/content.js";
export { GuestProfile, Layout } from "#gen/configdrive/v1/content.js";
export type { Attachment, Drive, Generation } from "#gen/configdrive/v1/drive.js";
export {
  AttachmentState,
  DeviceBus,
  DeviceKind,
  DriveState,
  GenerationState,
  ImageFormat,
} from "#gen/configdrive/v1/drive.js";
export type * from "#gen/configdrive/v1/drive_service.js";
export { ChangeKind, HostState, WhenAttached } from "#gen/configdrive/v1/drive_service.js";
export type { Entry, EntryChange, Image } from "#gen/configdrive/v1/image.js";
export { EntryKind } from "#gen/configdrive/v1/image.js";
export type { Instance } from "#gen/configdrive/v1/instance.js";
export { InstanceState } from "#gen/configdrive/v1/instance.js";
export type * from "#gen/configdrive/v1/instance_service.js";
export type { Init } from "#grpc/request-init.js";
export type { ConfigDriveClient } from "./client.js";
export { connect } from "./connect.js";
export type { DownloadedImage } from "./download.js";
export { at, blob, configData, type DriveContent, files, uploaded } from "./drive-content.js";
export { ConfigDriveError, type ErrorReason } from "./error.js";
export type { CallOptions, ConnectOptions, TlsOptions } from "./options.js";
export type { Surroundings } from "./surroundings.js";
export type { Content, ContentFacts } from "./upload.js";
