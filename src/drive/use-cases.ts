import type { ImageFormat } from "#image/plan.js";
import type { Capabilities } from "./capabilities.js";
import type { DriveEvent } from "./change.js";
import type { DeclaredHost } from "./declare-host.js";
import type { DriveDiff } from "./diff.js";
import type { Download, DownloadImage } from "./download.js";
import type { Device, DeviceBus, DeviceKind, Drive, Generation } from "./drive.js";
import type { PlacedImage } from "./hypervisor.js";
import type { InspectedImage } from "./inspect.js";
import type { InstanceUseCases } from "./instance/use-cases.js";
import type { InstanceDriveRole } from "./instance-drive-id.js";
import type { AskedContent } from "./spec.js";
import type { Upload, UploadContent } from "./upload.js";

/** Who calls, and until when. The signal ends the wait, not the operation. */
export interface Call {
  readonly projectId: string;
  /** The OpenStack request id that logs carry, `req-…`. */
  readonly openstackRequestId: string;
  readonly signal: AbortSignal;
}

export type WhenAttached = "refuse" | "stage" | "refresh";

/** What every request to change something carries. */
export interface Mutation {
  readonly requestId: string;
  /** The drive as the caller knows it (`etagOf`); empty or unset: any. */
  readonly etag?: string;
  /** Says what would be done or refused, and does nothing. */
  readonly validateOnly?: boolean;
}

export interface PopulateVolume extends Mutation {
  /** Empty for a new drive. */
  readonly driveId: string;
  readonly content: AskedContent;
  /** Unset: raw for a blob, iso9660 for files, what suits the guest for config data. */
  readonly format?: ImageFormat;
  /** Empty: the one that readers of the layout look for; `config-2` for files. */
  readonly label: string;
  /** 0: as small as it can be. */
  readonly sizeBytes: number;
  /** Unset: true. Only for a new drive. */
  readonly deleteOnTermination?: boolean;
  readonly whenAttached: WhenAttached;
  /** The instance that the drive is born with: a drive with the id that is given is made where there is none yet. */
  readonly bornWith?: string;
}

/** The drive that an instance is born with; label and policy are those of any new drive. */
export interface BuildInstanceDrive extends Mutation {
  readonly instanceId: string;
  /** Where the image is wanted. */
  readonly host: string;
  readonly role: InstanceDriveRole;
  readonly content: AskedContent;
  /** Unset: iso9660. */
  readonly format?: ImageFormat;
  /** 0: as small as it can be. */
  readonly sizeBytes: number;
}

/** A drive with the generation that an instance is to see, and its image where it was wanted. */
export interface InstanceDrive {
  readonly drive: Drive;
  readonly generation: Generation;
  readonly image: PlacedImage;
}

/** What a compute manager has done with an instance's own drive. */
export interface RecordInstanceDrive extends Mutation {
  readonly instanceId: string;
  readonly host: string;
  /** What it shows there; unset: nothing any more. */
  readonly shown?: { readonly generation: number; readonly device: Device };
}

/** An image of an instance's own drive that is wanted on a host. */
export interface StageInstanceDrive {
  readonly instanceId: string;
  readonly host: string;
  /** 0: the pending one. */
  readonly generation: number;
}

/** What a compute manager is about to show to an instance, as a volume of its own. */
export interface ConnectDrive extends Mutation {
  readonly driveId: string;
  readonly instanceId: string;
  readonly host: string;
  readonly device: Device;
  /** The instance comes from another host as it runs. */
  readonly running: boolean;
}

/** What a compute manager no longer shows. */
export interface DisconnectDrive extends Mutation {
  readonly driveId: string;
  readonly instanceId: string;
  readonly host: string;
}

export interface AttachDrive extends Mutation {
  readonly driveId: string;
  readonly instanceId: string;
  /** Empty: this service's own. */
  readonly host: string;
  readonly kind?: DeviceKind;
  readonly bus?: DeviceBus;
}

export interface RefreshDrive extends Mutation {
  readonly driveId: string;
  readonly force: boolean;
  /** The instance's compute manager says first what the drive is to hold now. */
  readonly rerender?: boolean;
}

export interface DetachDrive extends Mutation {
  readonly driveId: string;
  /** Empty: from whoever has it. */
  readonly instanceId: string;
  readonly force: boolean;
}

export interface DeleteDrive extends Mutation {
  readonly driveId: string;
}

export interface UpdateDrive extends Mutation {
  readonly driveId: string;
  /** Unset: stays as it is. */
  readonly deleteOnTermination?: boolean;
}

export interface ReleaseInstance extends Pick<Mutation, "requestId" | "validateOnly"> {
  readonly instanceId: string;
  /** Empty: this service's own. */
  readonly host: string;
}

/** What became of the drives of an instance that is gone. */
export interface ReleasedInstance {
  /** By id. */
  readonly deleted: readonly string[];
  /** As they are now. */
  readonly kept: readonly Drive[];
}

export interface DeclareHost {
  readonly host: string;
  /** That it is lost; false: that it is not, or no longer. */
  readonly lost: boolean;
  readonly validateOnly?: boolean;
}

export interface ListDrives {
  /** Empty: all. */
  readonly instanceId: string;
  /** Where an instance has them; empty or unset: all. */
  readonly host?: string;
  /** Whether some instance has them; unset: all. */
  readonly attached?: boolean | undefined;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface DrivePage {
  readonly drives: readonly Drive[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface InspectDrive {
  readonly driveId: string;
  /** 0: the pending one. */
  readonly generation: number;
}

export interface WatchDrives {
  /** Empty: every drive of the project. */
  readonly driveId: string;
  /** Where an earlier watch ended; empty: from now on. */
  readonly resumeToken: string;
}

/** What both doors call; one file each in this room carries them out. All throw `Refusal`. */
export interface DriveUseCases {
  populate(request: PopulateVolume, call: Call): Promise<Drive>;
  attach(request: AttachDrive, call: Call): Promise<Drive>;
  refresh(request: RefreshDrive, call: Call): Promise<Drive>;
  detach(request: DetachDrive, call: Call): Promise<Drive>;
  update(request: UpdateDrive, call: Call): Promise<Drive>;
  buildInstanceDrive(request: BuildInstanceDrive, call: Call): Promise<InstanceDrive>;
  recordInstanceDrive(request: RecordInstanceDrive, call: Call): Promise<Drive>;
  stageInstanceDrive(request: StageInstanceDrive, call: Call): Promise<InstanceDrive>;
  connect(request: ConnectDrive, call: Call): Promise<InstanceDrive>;
  disconnect(request: DisconnectDrive, call: Call): Promise<Drive>;
  releaseInstance(request: ReleaseInstance, call: Call): Promise<ReleasedInstance>;
  /** For operators. */
  declareHost(request: DeclareHost, call: Call): Promise<DeclaredHost>;
  get(driveId: string, call: Call): Promise<Drive>;
  list(request: ListDrives, call: Call): Promise<DrivePage>;
  delete(request: DeleteDrive, call: Call): Promise<void>;
  inspect(request: InspectDrive, call: Call): Promise<InspectedImage>;
  diff(driveId: string, call: Call): Promise<DriveDiff>;
  capabilities(call: Call): Promise<Capabilities>;
  /** gRPC only. */
  upload(request: UploadContent, call: Call): Promise<Upload>;
  /** gRPC only. */
  download(request: DownloadImage, call: Call): Promise<Download>;
  /** Never ends by itself; gRPC only. */
  watch(request: WatchDrives, call: Call): AsyncIterable<DriveEvent>;
}

/** The use cases of every service of the contract. */
export interface UseCases extends DriveUseCases {
  readonly instances: InstanceUseCases;
}
