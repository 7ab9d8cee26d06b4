import type { Reason } from "#drive/refusal.js";

/** The gRPC status codes that the service answers with; numbers as in google.rpc.Code. */
export const STATUS = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The logical name of the service in `google.rpc.ErrorInfo.domain`. */
export const ERROR_DOMAIN = "configdrive.openstack.org";

/**
 * The exception that an oslo.messaging caller rebuilds. Its constructor is called with the message and `kwargs`: each keyword
 * takes the metadata of that name, or the message.
 */
export interface OsloException {
  readonly module: "nova.exception" | "builtins" | "oslo_messaging.rpc.dispatcher";
  readonly class: string;
  readonly kwargs: Readonly<Record<string, Metadata | "message">>;
}

/** What metadata an error can carry, in every door's words. */
export type Metadata =
  | "drive_id"
  | "instance_id"
  | "host"
  | "operation"
  | "device"
  | "hypervisor"
  | "command"
  | "field"
  | "method"
  | "rule"
  | "user_id"
  | "roles"
  | "certificate"
  | "token_digest"
  | "request_id"
  | "url"
  | "content_id"
  | "limit_bytes"
  | "actual_bytes"
  | "limit"
  | "actual"
  | "rate"
  | "retry_after_ms";

/** One row of the error table. */
export interface ErrorRow {
  readonly status: keyof typeof STATUS;
  readonly exception: OsloException;
  /** The same request, unchanged, may succeed after this many milliseconds; `undefined`: it will not. */
  readonly retryAfterMs?: number;
  /** What went wrong. */
  readonly meaning: string;
  /** What the caller should do. */
  readonly advice: string;
  /** The metadata that it carries where it is known. */
  readonly metadata: readonly Metadata[];
}

const nova = (name: string, kwargs: OsloException["kwargs"] = {}): OsloException => ({
  module: "nova.exception",
  class: name,
  kwargs,
});
/** Aborts a build in nova with its text kept, and is never tried on another host. */
const INVALID_INPUT = nova("InvalidInput", { reason: "message" });
/** What nova raises itself when a volume's state forbids what is asked. */
const INVALID_VOLUME = nova("InvalidVolume", { reason: "message" });
/** Makes nova roll the detach back: the volume stays attached. */
const DETACH_FAILED = nova("DeviceDetachFailed", { device: "device", reason: "message" });
/** Local to one host: nova may try another one. */
const STORAGE_ERROR = nova("StorageError", { reason: "message" });
const SERVICE_UNAVAILABLE = nova("ServiceUnavailable");

/** Every error that the service can answer, at both doors. docs/errors.md is made from it. */
export const ERRORS: Readonly<Record<Reason, ErrorRow>> = {
  INVALID_ARGUMENT: {
    status: "INVALID_ARGUMENT",
    exception: INVALID_INPUT,
    meaning: "A field breaks a rule of the contract; every such field is named with its rule and value.",
    advice: "Correct the fields.",
    metadata: ["field"],
  },
  ARGUMENTS_MISMATCH: {
    status: "INVALID_ARGUMENT",
    exception: { module: "builtins", class: "TypeError", kwargs: {} },
    meaning: "The arguments do not fit the method: an unknown name, or a value of the wrong type.",
    advice: "Correct the calling program, or ask a service whose version is new enough.",
    metadata: ["field"],
  },
  METHOD_UNKNOWN: {
    status: "UNIMPLEMENTED",
    exception: { module: "oslo_messaging.rpc.dispatcher", class: "NoSuchMethod", kwargs: {} },
    meaning: "The service has no such method.",
    advice: "Correct the calling program, or ask a service whose version is new enough.",
    metadata: ["method"],
  },
  UNAUTHENTICATED: {
    status: "UNAUTHENTICATED",
    exception: nova("Forbidden"),
    meaning:
      "The call does not say who makes it, or it cannot be believed: a certificate without an identity, a token that is not valid.",
    advice: "Show a new token, or a certificate that the operator has given an identity.",
    metadata: ["certificate", "token_digest"],
  },
  KEYSTONE_UNREACHABLE: {
    status: "UNAVAILABLE",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 1000,
    meaning: "Keystone did not say whether the caller's token is valid.",
    advice: "Try again; see that Keystone runs, and that the service's user may ask it about tokens.",
    metadata: [],
  },
  FORBIDDEN: {
    status: "PERMISSION_DENIED",
    exception: nova("PolicyNotAuthorized", { action: "rule" }),
    meaning: "The policy does not let this caller do it.",
    advice: "Ask with other roles or for another project, or have the operator change the rule.",
    metadata: ["rule", "user_id", "roles"],
  },
  CONTENT_TOO_LARGE: {
    status: "RESOURCE_EXHAUSTED",
    exception: INVALID_INPUT,
    meaning: "The request holds more content than one request may.",
    advice: "Send less; name equal files once (`same_as`).",
    metadata: ["limit_bytes", "actual_bytes"],
  },
  CONTENT_NOT_FOUND: {
    status: "NOT_FOUND",
    exception: INVALID_INPUT,
    meaning:
      "There is no upload with this id in the caller's project, or another service on the same catalog has its bytes; it may have expired.",
    advice: "Upload the content again, to the service that is to use it.",
    metadata: ["content_id"],
  },
  CONTENT_NOT_REPRESENTABLE: {
    status: "INVALID_ARGUMENT",
    exception: INVALID_INPUT,
    meaning: "The image format cannot hold what was asked, or its readers could not read it.",
    advice: "Change the name, label or size that the message tells of, or take another format.",
    metadata: ["field"],
  },
  VOLUME_TOO_SMALL: {
    status: "INVALID_ARGUMENT",
    exception: INVALID_INPUT,
    meaning: "The content does not fit the size that was asked for.",
    advice: "Ask for a larger volume, or for size 0: as small as it can be.",
    metadata: ["limit_bytes", "actual_bytes"],
  },
  DRIVE_NOT_FOUND: {
    status: "NOT_FOUND",
    exception: nova("VolumeNotFound", { volume_id: "drive_id" }),
    meaning: "There is no such drive in the caller's project.",
    advice: "Correct the id; the drive may have gone with its instance.",
    metadata: ["drive_id"],
  },
  DRIVE_BUSY: {
    status: "ABORTED",
    exception: INVALID_VOLUME,
    retryAfterMs: 500,
    meaning: "Another operation on this drive is under way.",
    advice: "Try again, with the same request id, once it is over.",
    metadata: ["drive_id"],
  },
  ETAG_MISMATCH: {
    status: "ABORTED",
    exception: INVALID_VOLUME,
    meaning: "The drive has changed since the caller looked at it.",
    advice: "Look at it again, and decide anew.",
    metadata: ["drive_id"],
  },
  DRIVE_ATTACHED: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_VOLUME,
    meaning: "The drive is attached, and what was asked needs it detached.",
    advice: "Detach it first, or say what to do (`when_attached`).",
    metadata: ["drive_id", "instance_id"],
  },
  DRIVE_NOT_READY: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_VOLUME,
    meaning: "The drive has no generation that could be shown.",
    advice: "Look at the drive: a failed generation says why. Populate it again.",
    metadata: ["drive_id"],
  },
  ATTACHED_ELSEWHERE: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_VOLUME,
    meaning: "Another instance has the drive.",
    advice: "Detach it there first.",
    metadata: ["drive_id", "instance_id", "host"],
  },
  NOT_ATTACHED: {
    status: "FAILED_PRECONDITION",
    exception: nova("DiskNotFound", { location: "drive_id" }),
    meaning: "The drive is not attached, or not to this instance.",
    advice: "Attach it first; for a detach there is nothing left to do.",
    metadata: ["drive_id", "instance_id"],
  },
  REQUEST_ID_REUSED: {
    status: "ALREADY_EXISTS",
    exception: INVALID_INPUT,
    meaning: "The request id was used before, for another request.",
    advice: "Take a new request id for a new request.",
    metadata: ["request_id"],
  },
  RESUME_TOKEN_EXPIRED: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "The changes after this token of a watch are no longer kept.",
    advice: "List the drives, and watch anew without a token.",
    metadata: [],
  },
  INSTANCE_NOT_FOUND: {
    status: "NOT_FOUND",
    exception: nova("InstanceNotFound", { instance_id: "instance_id" }),
    meaning: "The hypervisor does not know the instance.",
    advice: "Correct the instance id or the host.",
    metadata: ["instance_id", "host"],
  },
  INSTANCE_NOT_RUNNING: {
    status: "FAILED_PRECONDITION",
    exception: nova("InstanceNotRunning", { instance_id: "instance_id" }),
    meaning: "The instance does not run, and what was asked needs it running.",
    advice: "Start it, or attach the drive for its next start.",
    metadata: ["instance_id"],
  },
  INSTANCE_AMBIGUOUS: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "The hypervisor has two instances that this id could mean.",
    advice: "Rename the one whose name is another one's UUID.",
    metadata: ["instance_id"],
  },
  INSTANCE_BUSY: {
    status: "ABORTED",
    exception: nova("InstanceInvalidState", {
      attr: "operation",
      instance_uuid: "instance_id",
      state: "operation",
      method: "operation",
    }),
    retryAfterMs: 500,
    meaning: "Another call about this instance is under way.",
    advice: "Try again, with the same request id, once it is over.",
    metadata: ["instance_id", "operation"],
  },
  QUOTA_EXCEEDED: {
    status: "RESOURCE_EXHAUSTED",
    exception: nova("OverQuota", { overs: "message" }),
    meaning: "The project would have more than it may.",
    advice: "Ask for fewer, remove some first, or have the operator raise the limit.",
    metadata: ["limit", "actual"],
  },
  RATE_LIMITED: {
    status: "RESOURCE_EXHAUSTED",
    exception: nova("ServiceUnavailable", { retry_after_ms: "retry_after_ms" }),
    retryAfterMs: 1000,
    meaning:
      "The user, or the project, calls more often or brings more content than the operator lets it. Nothing was done.",
    advice: "Try again, with the same request id, after the time that the error names.",
    metadata: ["rate", "retry_after_ms"],
  },
  RENDER_NOT_AVAILABLE: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "Nobody on the instance's host knows what the drive is to hold now: no compute manager runs it.",
    advice: "Populate the drive with what it shall hold, and refresh it without `rerender`.",
    metadata: ["host", "instance_id"],
  },
  LAUNCH_NOT_AVAILABLE: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning:
      "Nothing runs instances on this host, or on any: the hypervisor cannot, or the agent is configured not to.",
    advice:
      "Set `[instances] launch` on a host with qemu, libvirt or openstack, or start the instance yourself and attach the drive.",
    metadata: ["host"],
  },
  HOST_UNKNOWN: {
    status: "NOT_FOUND",
    exception: nova("ComputeHostNotFound", { host: "host" }),
    meaning: "The service does not serve this host.",
    advice: "Correct the host, or run an agent there.",
    metadata: ["host"],
  },
  HOST_AMBIGUOUS: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "Several hosts have the instance, as while it is being moved.",
    advice: "Name the host.",
    metadata: ["instance_id"],
  },
  HOST_PRESENT: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "An agent answers on this host, so that it is not lost.",
    advice: "End the agent, and switch the host off, before it is declared lost.",
    metadata: ["host"],
  },
  HOST_UNREACHABLE: {
    status: "UNAVAILABLE",
    exception: nova("HypervisorUnavailable", { host: "host" }),
    retryAfterMs: 5000,
    meaning: "The agent on this host does not answer. What had begun there stays pending, and ends when it is back.",
    advice: "Try again, with the same request id; see that the agent runs and reaches the message bus.",
    metadata: ["host"],
  },
  BUS_NOT_AVAILABLE: {
    status: "FAILED_PRECONDITION",
    exception: nova("VolumeAttachFailed", { volume_id: "drive_id", reason: "message" }),
    meaning: "The instance's machine cannot take the device on the bus that was asked for, or on any.",
    advice: "Leave the bus open, or ask for one that the message names.",
    metadata: ["drive_id", "instance_id"],
  },
  DEVICE_BUSY: {
    status: "ABORTED",
    exception: DETACH_FAILED,
    retryAfterMs: 2000,
    meaning: "The guest has not let go of the device, or another change of it is under way.",
    advice: "Try again, with the same request id.",
    metadata: ["drive_id", "instance_id", "device"],
  },
  DEVICE_LOCKED: {
    status: "FAILED_PRECONDITION",
    exception: DETACH_FAILED,
    meaning: "The guest holds the medium locked, as by a mount.",
    advice: "Unmount it in the guest, or ask with `force`.",
    metadata: ["drive_id", "instance_id", "device"],
  },
  HYPERVISOR_UNREACHABLE: {
    status: "UNAVAILABLE",
    exception: nova("HypervisorUnavailable", { host: "host" }),
    retryAfterMs: 1000,
    meaning: "The hypervisor of this instance did not answer.",
    advice: "Try again, with the same request id; see that the hypervisor runs and lets the service in.",
    metadata: ["hypervisor", "instance_id", "host"],
  },
  HYPERVISOR_FAILED: {
    status: "INTERNAL",
    exception: nova("InternalError", { err: "message" }),
    meaning: "The hypervisor refused or failed what it was told to do.",
    advice: "Read its own message, which is passed on, and its log.",
    metadata: ["hypervisor", "command", "drive_id", "instance_id", "device"],
  },
  CATALOG_LOCKED: {
    status: "UNAVAILABLE",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 1000,
    meaning: "Another process owns the catalog.",
    advice: "Run one service on an SQLite catalog.",
    metadata: [],
  },
  CATALOG_FAILED: {
    status: "UNAVAILABLE",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 1000,
    meaning: "The catalog could not be read or written.",
    advice: "Try again, with the same request id; see the service's log and its disk or database.",
    metadata: [],
  },
  SOURCE_NOT_ALLOWED: {
    status: "INVALID_ARGUMENT",
    exception: INVALID_INPUT,
    meaning:
      "The service may not read from there: the scheme, folder or network address is not one it is configured for.",
    advice: "Send the content, or have the operator allow the place.",
    metadata: ["url"],
  },
  SOURCE_NOT_FOUND: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning: "There is nothing at the reference, or the service's credentials do not open it.",
    advice: "Correct the reference, or the rights of what it names.",
    metadata: ["url"],
  },
  SOURCE_MISMATCH: {
    status: "FAILED_PRECONDITION",
    exception: INVALID_INPUT,
    meaning:
      "The bytes at the reference are not those that were named: another size or digest, or not as many as were announced.",
    advice: "Correct the digest or size, or put the right bytes there.",
    metadata: ["url"],
  },
  SOURCE_UNREACHABLE: {
    status: "UNAVAILABLE",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 5000,
    meaning: "The place of the reference does not answer, or answers with an error of its own, or stopped half-way.",
    advice: "Try again later; look at the object store.",
    metadata: ["url"],
  },
  STORAGE_FULL: {
    status: "RESOURCE_EXHAUSTED",
    exception: STORAGE_ERROR,
    retryAfterMs: 30_000,
    meaning: "There is no room for the image in the drives directory.",
    advice: "Make room there, or try another host.",
    metadata: ["drive_id"],
  },
  STORAGE_FAILED: {
    status: "INTERNAL",
    exception: STORAGE_ERROR,
    meaning: "The image could not be written, synced or read.",
    advice: "See the service's log and the disk below the drives directory.",
    metadata: ["drive_id"],
  },
  DEADLINE_EXCEEDED: {
    status: "DEADLINE_EXCEEDED",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 500,
    meaning: "The caller's deadline passed. The operation goes on.",
    advice: "Ask again with the same request id: it rejoins the operation.",
    metadata: ["drive_id"],
  },
  CANCELLED: {
    status: "CANCELLED",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 500,
    meaning: "The caller went away. The operation goes on.",
    advice: "Ask again with the same request id: it rejoins the operation.",
    metadata: ["drive_id"],
  },
  SHUTTING_DOWN: {
    status: "UNAVAILABLE",
    exception: SERVICE_UNAVAILABLE,
    retryAfterMs: 1000,
    meaning: "The service is stopping and takes no new calls.",
    advice: "Try again, with the same request id.",
    metadata: [],
  },
  INTERNAL: {
    status: "INTERNAL",
    exception: nova("NovaException"),
    meaning: "A fault of the service itself.",
    advice: "See the service's log at the request id, and report it.",
    metadata: [],
  },
};
