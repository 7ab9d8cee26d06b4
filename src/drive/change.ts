import type { Drive } from "./drive.js";

export type ChangeKind = "CREATED" | "CHANGED" | "DELETED";

/** One write to a drive, as the catalog numbered it: numbers go up in the order of the commits. */
export interface DriveChange {
  readonly number: number;
  readonly driveId: string;
  readonly kind: ChangeKind;
  readonly at: Date;
}

/** The numbers of the changes that are kept: none between them is missing. Both 0 where there was never one. */
export interface ChangeRange {
  readonly oldest: number;
  readonly newest: number;
}

/** Some of a project's changes, and the range of all that were kept at the moment they were read. */
export interface ChangesRead extends ChangeRange {
  readonly changes: readonly DriveChange[];
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
