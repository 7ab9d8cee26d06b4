import type { ChangeKind } from "#drive/change.js";
import type { AttachmentState, DeviceBus, DeviceKind, GenerationState, Leftover } from "#drive/drive.js";
import type { InstanceOperationKind, InstanceState } from "#drive/instance/instance.js";
import type { OperationKind, RequestState } from "#drive/operation.js";
import type { Reason } from "#drive/refusal.js";
import type { Spec } from "#drive/spec.js";

/**
 * The tables as the newest migration leaves them. Times are milliseconds since 1970, truth values 0 or 1: numbers that mean
 * the same in every database.
 */
export interface Schema {
  drives: DriveRow;
  generations: GenerationRow;
  /** Content, apart from all else, so that no list reads it. */
  specs: SpecRow;
  attachments: AttachmentRow;
  operations: OperationRow;
  requests: RequestRow;
  /** Kept for watchers, a while longer than the drives they tell of. */
  events: EventRow;
  event_counter: EventCounterRow;
  services: ServiceRow;
  /** Content in the content store that specs name. */
  spec_contents: SpecContentRow;
  uploads: UploadRow;
  instances: InstanceRow;
  instance_operations: InstanceOperationRow;
  /** What was decided about the drives of an instance that is gone. */
  released_drives: ReleasedDriveRow;
  project_drives: ProjectDrivesRow;
  lost_hosts: LostHostRow;
}

/** A host that an operator has declared lost. */
export interface LostHostRow {
  host: string;
  declared_at: number;
}

/** An instance that the service runs. */
export interface InstanceRow {
  id: string;
  project_id: string;
  reservation_id: string;
  /** The operation that is open on it. */
  operation_id: string | null;
  name: string;
  host: string;
  launch_index: number;
  state: InstanceState;
  /** UTF-8. */
  template: Uint8Array;
  revision: number;
  created_at: number;
  updated_at: number;
}

export interface InstanceOperationRow {
  id: string;
  /** The service that carries it out, by its lease. */
  owner: string;
  kind: InstanceOperationKind;
  host: string;
  failure: Reason | null;
  min_count: number;
  grace_ms: number;
  project_id: string;
  request_id: string;
  started_at: number;
}

export interface DriveRow {
  id: string;
  project_id: string;
  delete_on_termination: number;
  writable: number;
  deleting: number;
  /** Empty: none, or gone. */
  last_instance_id: string;
  /** Derived from the rest when the drive is written. */
  leftover: Leftover;
  /** Counts the writes; the fencing token. */
  revision: number;
  created_at: number;
  updated_at: number;
}

export interface GenerationRow {
  drive_id: string;
  number: number;
  state: GenerationState;
  format: Spec["format"];
  label: string;
  size_bytes: number;
  sha256: string;
  created_at: number;
  failure_reason: string;
}

export interface SpecRow {
  drive_id: string;
  generation: number;
  format: Spec["format"];
  label: string;
  size_bytes: number;
  /** `spec-content.ts` says how it is written. */
  content: Uint8Array;
}

export interface AttachmentRow {
  drive_id: string;
  instance_id: string;
  host: string;
  state: AttachmentState;
  desired_generation: number;
  observed_generation: number;
  device_kind: DeviceKind;
  device_bus: DeviceBus;
  device_name: string;
  device_reason: string;
  created_at: number;
}

export interface OperationRow {
  id: string;
  /** Unique: one operation a drive. */
  drive_id: string;
  /** The service that carries it out, by its lease. */
  owner: string;
  kind: OperationKind;
  failure: Reason | null;
  force: number;
  project_id: string | null;
  request_id: string | null;
  started_at: number;
}

export interface RequestRow {
  project_id: string;
  request_id: string;
  method: string;
  digest: string;
  drive_id: string;
  state: RequestState;
  seen_at: number;
}

export interface EventRow {
  number: number;
  project_id: string;
  drive_id: string;
  kind: ChangeKind;
  happened_at: number;
}

/** One row. */
export interface EventCounterRow {
  newest: number;
}

/** A service that uses the database, and for how long it is sure to live. */
export interface ServiceRow {
  /** The lease, a new one each time that it was lost. */
  id: string;
  host: string;
  pid: number;
  since: string;
  /** By the database's clock. */
  expires_at: number;
}

export interface SpecContentRow {
  drive_id: string;
  generation: number;
  sha256: string;
}

export interface UploadRow {
  content_id: string;
  project_id: string;
  sha256: string;
  size_bytes: number;
  expires_at: number;
}

/** A drive of a request that was about an instance. It goes with the request. */
export interface ReleasedDriveRow {
  project_id: string;
  request_id: string;
  drive_id: string;
  deleted: number;
}

/** How many drives a project has. */
export interface ProjectDrivesRow {
  project_id: string;
  drives: number;
}
