import type { Reason } from "./refusal.js";

/**
 * What kind of change an operation makes. Two are the service's own: `restore` shows a drive again that an instance lost, `expire`
 * removes one that was left over.
 * `release` lets a drive go of an instance that is gone; it never turns back, for nothing is left to go back to.
 */
export type OperationKind = "populate" | "attach" | "refresh" | "detach" | "restore" | "delete" | "release" | "expire";

/**
 * One mutating call under way. What it has to do stands in the drive (a generation that is BUILDING, an attachment that is
 * ATTACHING, …); this row says who asked, whether it goes on or back, and keeps every other change away from the drive.
 */
export interface Operation {
  readonly id: string;
  readonly driveId: string;
  readonly kind: OperationKind;
  /** Why a step towards the goal was refused: from then on it goes back to what was before. `undefined` while it goes on. */
  readonly failure: Reason | undefined;
  /** Changes a medium, or takes a device, that the guest holds locked. */
  readonly force: boolean;
  /** The request it answers; `undefined` for the service's own. */
  readonly request: RequestKey | undefined;
  readonly startedAt: Date;
}

/** A request id, as it is unique: within its project. */
export interface RequestKey {
  readonly projectId: string;
  readonly requestId: string;
}

/** A request that was seen. */
export interface Request extends RequestKey {
  readonly method: string;
  /** SHA-256 over what was asked, lower-case hexadecimal (`request-digest.ts`). */
  readonly digest: string;
  /** Empty for a request that is about an instance. */
  readonly driveId: string;
  readonly seenAt: Date;
  /** What was decided about the drives of an instance; unset for a request about one drive. */
  readonly released?: Released;
}

/** The drives, by id, that an instance had when it was told to be gone. */
export interface Released {
  readonly deleted: readonly string[];
  readonly kept: readonly string[];
}

/** How far a request is. A FAILED one may be asked again under the same id: it left nothing done, or of a release the rest. */
export type RequestState = "OPEN" | "DONE" | "FAILED";
