import type { ChangeRange, ChangesRead } from "./change.js";
import type { Drive, Leftover } from "./drive.js";
import type { HostCatalog } from "./host-catalog.js";
import type { InstanceCatalog } from "./instance/instance-catalog.js";
import type { Operation, OperationKind, Request, RequestKey, RequestState } from "./operation.js";
import type { Spec } from "./spec.js";
import type { Upload } from "./upload.js";

/**
 * A drive as it was read, which a later write must present. The drive's revision is its fencing token: whoever writes with an
 * old one is refused, so nobody overwrites what they have not seen, and a service whose operation was taken over by another
 * can do no more.
 */
export interface DriveRecord {
  readonly drive: Drive;
  /** The operation under way; at most one a drive. */
  readonly operation: Operation | undefined;
}

/** A drive that is written with its newest generation. */
export interface DriveWrite {
  /** As it shall be. */
  readonly drive: Drive;
  /** The record that it was made from; `undefined` for a new drive. */
  readonly from: DriveRecord | undefined;
  /** What a new generation was asked to hold. */
  readonly spec?: { readonly generation: number; readonly spec: Spec };
  /** For a new drive: most that its project may have, this one among them; unset: any number. */
  readonly mostDrives?: number;
}

/** What is committed about one drive before an operation acts: the desired state, and the operation that leads to it. */
export interface DriveOpening extends DriveWrite {
  readonly operation: Operation;
}

/** Everything that a mutating call about one drive commits before it acts. */
export interface Opening extends DriveOpening {
  /** What the caller asked, unless the service itself wants it. */
  readonly request: Request | undefined;
}

export interface DriveFilter {
  readonly projectId: string;
  /** Only drives that this instance has. */
  readonly instanceId: string | undefined;
  /** Only drives that an instance has on this host; with `instanceId` too, those that this instance has there. */
  readonly host: string | undefined;
  /** Only drives that some instance has; false: only those that none has. */
  readonly attached: boolean | undefined;
  /** Only drives with a greater id. */
  readonly afterId: string;
  readonly limit: number;
}

/** A drive that is, or was, some instance's. */
export interface HeldDrive {
  readonly driveId: string;
  readonly projectId: string;
  /** The one that has it, or the last one that had it. */
  readonly instanceId: string;
}

/** How much the catalog holds; for metrics. */
export interface CatalogTally {
  readonly drives: number;
  /** Attachments whose guest sees an older generation than the newest one that is ready. */
  readonly pendingGenerations: number;
  /** By kind; kinds of which none is open are left out. */
  readonly openOperations: readonly {
    readonly kind: OperationKind;
    readonly count: number;
    readonly oldestStartedAt: Date;
  }[];
}

/**
 * Where drives, generations, attachments and operations are remembered. Several services may share one: an open operation
 * belongs to the one that opened it or took it over, and only that one can go on with it. Each method is one transaction,
 * durable when it returns. Writers compare and set by revision, never by locks, so that any SQL database can carry it.
 * Refusals: CATALOG_FAILED on every method; DRIVE_BUSY where a record is out of date; REQUEST_ID_REUSED where said.
 */
export interface Catalog {
  /** What tells it from every other catalog; the same in its backups, and for every service that uses it. */
  readonly identity: string;
  /** The instances that the service runs. */
  readonly instances: InstanceCatalog;
  /** The hosts that are declared lost. */
  readonly hosts: HostCatalog;
  find(driveId: string): Promise<DriveRecord | undefined>;
  /** Drives by id, ascending. Reads no content. */
  list(filter: DriveFilter): Promise<readonly Drive[]>;
  /** A project's drives that an instance has, or was the last one to have, by id. */
  ofInstance(projectId: string, instanceId: string): Promise<readonly DriveRecord[]>;
  /** What the catalog holds, counted over all projects and services. */
  tally(): Promise<CatalogTally>;
  /** How many drives a project has. */
  driveCount(projectId: string): Promise<number>;
  /** What a generation was asked to hold; `undefined` when it is no longer kept. */
  spec(driveId: string, generation: number): Promise<Spec | undefined>;
  request(key: RequestKey): Promise<(Request & { readonly state: RequestState }) | undefined>;

  /** Sets the desired state and opens the operation. QUOTA_EXCEEDED for a new drive too many; REQUEST_ID_REUSED when the id stands for another request, or for one that is open or done. */
  open(opening: Opening): Promise<DriveRecord>;
  /**
   * Opens an operation on each of several drives that are there, all of them or none. What they are to do never turns back, so that
   * the request is DONE by that; FAILED where it has more drives, which are to be asked about again. What was released under it
   * before stays remembered. REQUEST_ID_REUSED as in `open`.
   */
  openAll(
    request: Request,
    openings: readonly DriveOpening[],
    state: "DONE" | "FAILED",
  ): Promise<readonly DriveRecord[]>;
  /**
   * Makes an open operation this service's own, so that whoever had it can commit no more. Gives the record to go on from.
   * DRIVE_BUSY when a living service has it, or took it first.
   */
  takeOver(record: DriveRecord): Promise<DriveRecord>;
  /** Writes progress of the open operation: the drive, and the operation where it changed. */
  advance(record: DriveRecord, drive: Drive, operation?: Operation): Promise<DriveRecord>;
  /**
   * Ends the operation: its row goes, its request becomes DONE or FAILED, and the drive is as given; `undefined` removes it
   * and all that belongs to it. Gives the drive with its new revision.
   */
  close(record: DriveRecord, drive: Drive | undefined, state: "DONE" | "FAILED"): Promise<Drive | undefined>;
  /**
   * Remembers a request that needs no operation, and makes the change that it asked for, if any; gives the drive with its new
   * revision. QUOTA_EXCEEDED and REQUEST_ID_REUSED as in `open`.
   */
  settle(request: Request, change?: DriveWrite): Promise<Drive | undefined>;

  /**
   * Every drive with an open operation that this service may carry out: those of its own, and those of services that are dead.
   */
  underWay(): Promise<readonly DriveRecord[]>;
  /** Drives that some instance has, with no operation open, by id from after one on. */
  attached(afterId: string, limit: number): Promise<readonly DriveRecord[]>;
  /** Drives that some instance has, or was the last one to have, by instance and id, from after one on. */
  held(after: HeldDrive | undefined, limit: number): Promise<readonly HeldDrive[]>;
  /** Drives that are left over and were last written before a time, with no operation open; the oldest first. */
  leftovers(kind: Exclude<Leftover, "">, before: Date, limit: number): Promise<readonly DriveRecord[]>;
  /** The changes of a project's drives after a number, in order, and which changes are kept: as of one moment. */
  changes(projectId: string, after: number, limit: number): Promise<ChangesRead>;
  /** Which changes are kept. */
  changeRange(): Promise<ChangeRange>;
  /** Resolves after the next write to a drive that this service makes. */
  nextWrite(): Promise<void>;

  /** An upload by its id, whoever made it. */
  findUpload(contentId: string): Promise<Upload | undefined>;
  /** Remembers an upload, or its new expiry. */
  keepUpload(upload: Upload): Promise<void>;
  /** Forgets uploads that expired before a time; gives how many. */
  forgetUploads(before: Date): Promise<number>;
  /** Those of these digests that a spec or an upload names. */
  namedContent(sha256s: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Forgets the oldest changes, up to the first that was made at a time or later, but never the newest: a clock that was set back
   * leaves no gap. Gives how many.
   */
  forgetChanges(before: Date): Promise<number>;
  /** Forgets closed requests seen before a time; gives how many. */
  forgetRequests(before: Date): Promise<number>;
  /** Whether the database answers, and takes this service's writes. */
  check(): Promise<void>;
  /**
   * Copies the catalog into a file of this host while it is in use, as it is at one moment. Refusals: INVALID_ARGUMENT for a
   * database that is backed up by its own server's programs.
   */
  backUp(file: string): Promise<void>;
  /** Lets go of the database, and of the ownership where it has one. */
  dispose(): Promise<void>;
}
