import type { Drive } from "./drive.js";

export type ChangeKind = "CREATED" | "CHANGED" | "DELETED";

/** One write to a drive, as the catalog numbered it: numbers go up in the order of the commits. */
export interface DriveChange {
  readonly number: number;
  readonly driveId: string;
  readonly kind: ChangeKind;
  readonly at: Date;
}

/** What a watcher is told. */
export interface DriveEvent {
  /** `CURRENT`: the watch has begun here; nothing has changed. */
  readonly kind: ChangeKind | "CURRENT";
  /** Given to a later watch, it goes on after this event. */
  readonly resumeToken: string;
  /** Empty for `CURRENT`. */
  readonly driveId: string;
  /** The drive as it is now, which may be newer than the event; unset when it is gone. */
  readonly drive?: Drive;
  readonly at: Date;
}
