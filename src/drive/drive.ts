import type { ImageFormat } from "#image/plan.js";

export type GenerationState = "BUILDING" | "READY" | "FAILED";
export type AttachmentState = "ATTACHING" | "ATTACHED" | "REFRESHING" | "DETACHING";
export type DriveState = "BUILDING" | "AVAILABLE" | "CHANGING" | "IN_USE" | "FAILED" | "DELETING";
export type DeviceKind = "cdrom" | "disk" | "properties";
export type DeviceBus = "virtio" | "scsi" | "usb" | "ide" | "sata" | "guestinfo";

/** A device in a guest: what was chosen, and why. */
export interface Device {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
  /** The hypervisor's own name for it. */
  readonly name: string;
  readonly reason: string;
}

/** One rendering of a drive's content. */
export interface Generation {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly state: GenerationState;
  readonly format: ImageFormat;
  readonly label: string;
  /** Bytes of the image; 0 until it is READY. */
  readonly sizeBytes: number;
  /** SHA-256 of the image, lower-case hexadecimal; empty until it is READY. */
  readonly sha256: string;
  /** When it was asked for, and the time stamped into the image. */
  readonly createdAt: Date;
  /** A reason of the error table; empty unless FAILED. */
  readonly failureReason: string;
}

/** A drive seen by one instance on one host. */
export interface Attachment {
  readonly instanceId: string;
  readonly host: string;
  readonly state: AttachmentState;
  readonly desiredGeneration: number;
  /** 0 until the hypervisor was seen to show one. */
  readonly observedGeneration: number;
  readonly device: Device;
  readonly createdAt: Date;
}

/** A drive as the catalog remembers it. */
export interface Drive {
  readonly id: string;
  readonly projectId: string;
  readonly deleteOnTermination: boolean;
  readonly writable: boolean;
  readonly deleting: boolean;
  /** The instance that has the drive, or the last one that had it; empty when there was none, or it is known to be gone. */
  readonly lastInstanceId: string;
  /** Counts the writes; 0 before the first. Whoever writes must have seen the newest one. */
  readonly revision: number;
  /** Oldest first. */
  readonly generations: readonly Generation[];
  readonly attachments: readonly Attachment[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Names the state that a drive is in: another one after every change (RFC 9110, 8.8.3). */
export function etagOf(drive: Drive): string {
  return String(drive.revision);
}

/** The newest generation that is ready, if any: what the next attach or refresh shows. */
export function pendingGeneration(drive: Drive): Generation | undefined {
  return drive.generations.findLast((generation) => generation.state === "READY");
}

/** The number of the generation that guests can see now: the lowest observed over all attachments; 0 when no guest sees one. */
export function appliedGeneration(drive: Drive): number {
  const seen = drive.attachments.map((attachment) => attachment.observedGeneration).filter((number) => number > 0);
  return seen.length === 0 ? 0 : Math.min(...seen);
}

/** What a drive may be left over of: a build that failed, or a client that never attached it, or detached it; empty: of nothing. */
export type Leftover = "" | "FAILED" | "UNATTACHED";

/** Whether the drive may be left over: nobody has it, and it could not be built or is not to outlive an instance. */
export function leftoverOf(drive: Drive): Leftover {
  const state = driveState(drive);
  if (state === "FAILED") return "FAILED";
  return state === "AVAILABLE" && drive.deleteOnTermination ? "UNATTACHED" : "";
}

/** What the drive is doing, derived from its generations and attachments. */
export function driveState(drive: Drive): DriveState {
  if (drive.deleting) return "DELETING";
  if (drive.attachments.some((attachment) => attachment.state !== "ATTACHED")) return "CHANGING";
  if (drive.attachments.length > 0) return "IN_USE";
  if (pendingGeneration(drive) !== undefined) return "AVAILABLE";
  return drive.generations.some((generation) => generation.state === "BUILDING") ? "BUILDING" : "FAILED";
}
