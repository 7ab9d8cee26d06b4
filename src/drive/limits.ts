/** How much the service takes. Checked before any work is done; every default stands here. */
export interface Limits {
  /** Most bytes of content in one drive, all files together. */
  readonly contentBytes: number;
  /** Most bytes of a volume. */
  readonly volumeBytes: number;
  /** Most files and directories in one drive. */
  readonly files: number;
  /** Most bytes of a path in a drive. */
  readonly pathBytes: number;
  /** Most bytes of one name in a path. */
  readonly nameBytes: number;
  /** Most drives of one project; infinite: any number. */
  readonly drivesPerProject: number;
  /** Most instances that a project may have run here. */
  readonly instances: number;
  /** Drives in a page of a list when the caller does not say. */
  readonly pageSize: number;
  /** Most drives in a page of a list. */
  readonly pageSizeMax: number;
  /** How long an operation may run before it is turned back, in milliseconds. */
  readonly operationMs: number;
  /** How often the image files are looked through for those that no drive has, in milliseconds. */
  readonly orphanMs: number;
  /** How long the bytes of one request may take to come from elsewhere, in milliseconds. */
  readonly fetchMs: number;
  /** How long an upload is kept after it was made or last used, in milliseconds. */
  readonly uploadMs: number;
  /** How long a drive that could not be built is kept after its last try, in milliseconds; infinite: until it is deleted. */
  readonly failedDriveMs: number;
  /** How long an ephemeral drive that no instance has is kept after its last change, in milliseconds; infinite: until it is deleted. */
  readonly unattachedDriveMs: number;
  /** How long a closed request is remembered, in milliseconds. */
  readonly requestMs: number;
  /** How long a change is kept for watchers that come back, in milliseconds. */
  readonly changeMs: number;
}

export const defaultLimits: Limits = {
  contentBytes: 64 * 1024 * 1024,
  volumeBytes: 1024 * 1024 * 1024,
  files: 20_000,
  pathBytes: 4096,
  nameBytes: 255,
  drivesPerProject: 10_000,
  instances: 200,
  pageSize: 100,
  pageSizeMax: 1000,
  operationMs: 120_000,
  orphanMs: 10 * 60 * 1000,
  fetchMs: 600_000,
  uploadMs: 24 * 60 * 60 * 1000,
  failedDriveMs: 7 * 24 * 60 * 60 * 1000,
  unattachedDriveMs: Number.POSITIVE_INFINITY,
  requestMs: 24 * 60 * 60 * 1000,
  changeMs: 24 * 60 * 60 * 1000,
};
