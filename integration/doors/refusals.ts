import { randomUUID } from "node:crypto";

const LIMIT = 3 * 1024 * 1024;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** A request that must be refused, alike at both doors. */
export interface RefusedCase {
  readonly title: string;
  readonly method: string;
  readonly args: (driveId: string) => object;
  /** The reason of the error table. */
  readonly reason: string;
  /** The exception's class at the bus, with its module where a caller gets Python's own. */
  readonly exception: string;
  /** The name of the gRPC status code. */
  readonly status: string;
  /** Stands in the message: the field, the limit or the value. */
  readonly says: string;
}

const invalid = { reason: "INVALID_ARGUMENT", exception: "InvalidInput", status: "INVALID_ARGUMENT" } as const;
const unfit = { reason: "CONTENT_NOT_REPRESENTABLE", exception: "InvalidInput", status: "INVALID_ARGUMENT" } as const;

function populate(over: object): RefusedCase["args"] {
  return () => ({ request_id: randomUUID(), ...over });
}

function files(...entries: object[]): RefusedCase["args"] {
  return populate({ files: { files: entries } });
}

/** What the contract and the drive's rules forbid, as far as no hypervisor is needed to see it. */
export const REFUSED: readonly RefusedCase[] = [
  {
    title: "a request without content",
    method: "populate_volume",
    args: populate({}),
    says: "content: one of blob, files, config_data is required",
    ...invalid,
  },
  {
    title: "a request id that is no UUID",
    method: "populate_volume",
    args: () => ({ request_id: "once", blob: {} }),
    says: 'request_id: must be a UUID in lower case (got "once")',
    ...invalid,
  },
  {
    title: "a path that leads out of the drive",
    method: "populate_volume",
    args: files({ path: "a" }, { path: "../b" }),
    says: 'files.files[1].path: must be a path below the root, without empty, `.` or `..` parts and without NUL (got "../b")',
    ...invalid,
  },
  {
    title: "a mode beyond the permission bits",
    method: "populate_volume",
    args: files({ path: "a", mode: 0o10000 }),
    says: "files.files[0].mode: must be at most 4095 (got 4096)",
    ...invalid,
  },
  {
    title: "the same path twice",
    method: "populate_volume",
    args: files({ path: "a" }, { path: "a" }),
    says: "files.files[1].path",
    ...unfit,
  },
  {
    title: "a label that the format cannot hold",
    method: "populate_volume",
    args: populate({ files: {}, label: "x".repeat(32) }),
    says: "label",
    ...unfit,
  },
  {
    title: "a volume smaller than its blob",
    method: "populate_volume",
    args: populate({ blob: { data: Buffer.alloc(1024).toString("base64") }, size_bytes: 512 }),
    says: "512",
    reason: "VOLUME_TOO_SMALL",
    exception: "InvalidInput",
    status: "INVALID_ARGUMENT",
  },
  {
    title: "one byte more than a request may hold",
    method: "populate_volume",
    args: populate({ blob: { data: Buffer.alloc(LIMIT + 1).toString("base64") } }),
    says: `${LIMIT + 1} bytes of content; ${LIMIT} is the most`,
    reason: "CONTENT_TOO_LARGE",
    exception: "InvalidInput",
    status: "RESOURCE_EXHAUSTED",
  },
  {
    title: "new content for a drive that is not there",
    method: "populate_volume",
    args: populate({ drive_id: UNKNOWN, blob: { data: "AA==" } }),
    says: UNKNOWN,
    reason: "DRIVE_NOT_FOUND",
    exception: "VolumeNotFound",
    status: "NOT_FOUND",
  },
  {
    title: "a look at a drive that is not there",
    method: "get_drive",
    args: () => ({ drive_id: UNKNOWN }),
    says: UNKNOWN,
    reason: "DRIVE_NOT_FOUND",
    exception: "VolumeNotFound",
    status: "NOT_FOUND",
  },
  {
    title: "an attach to an instance that is not there",
    method: "attach_drive",
    args: (drive_id) => ({ request_id: randomUUID(), drive_id, instance_id: "nobody" }),
    says: "nobody",
    reason: "INSTANCE_NOT_FOUND",
    exception: "InstanceNotFound",
    status: "NOT_FOUND",
  },
  {
    title: "an attach on a host that the service does not serve",
    method: "attach_drive",
    args: (drive_id) => ({ request_id: randomUUID(), drive_id, instance_id: "i", host: "elsewhere" }),
    says: "elsewhere",
    reason: "HOST_UNKNOWN",
    exception: "ComputeHostNotFound",
    status: "NOT_FOUND",
  },
  {
    title: "a refresh of a drive that nobody has",
    method: "refresh_drive",
    args: (drive_id) => ({ request_id: randomUUID(), drive_id }),
    says: "attached",
    reason: "NOT_ATTACHED",
    exception: "DiskNotFound",
    status: "FAILED_PRECONDITION",
  },
  {
    title: "a page larger than there may be",
    method: "list_drives",
    args: () => ({ page_size: 1001 }),
    says: "page_size: must be at most 1000 (got 1001)",
    ...invalid,
  },
  {
    title: "drives of a host with a name too long",
    method: "list_drives",
    args: () => ({ host: "h".repeat(256) }),
    says: "host: must be at most 255 bytes (got 256)",
    ...invalid,
  },
  {
    title: "drives of a host whose name has a line break",
    method: "list_drives",
    args: () => ({ host: "compute\n7" }),
    says: "host: ",
    ...invalid,
  },
  {
    title: "a page token that no answer gave",
    method: "list_drives",
    args: () => ({ page_token: "next" }),
    says: "page_token",
    ...invalid,
  },
];
