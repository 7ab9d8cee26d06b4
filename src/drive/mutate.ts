import { carryOut } from "./carry-out.js";
import type { Dependencies } from "./dependencies.js";
import type { Operation, Request, RequestKey } from "./operation.js";
import type { Refusal } from "./refusal.js";
import { type Digestible, requestDigest } from "./request-digest.js";
import { type Outcome, type Running, requestIdReused } from "./running.js";
import { settledDrive } from "./settled-drive.js";
import { undisturbed } from "./undisturbed.js";
import type { Call, Mutation } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/** A mutating call as its use case sees it, once it is known to be neither running nor done. */
export interface Begun {
  readonly request: Omit<Request, "driveId">;
  /** The drive must be as the caller knows it; empty: any. */
  readonly etag: string;
  /** Nothing is to be done. */
  readonly validateOnly: boolean;
  /** The drive that an earlier try of the same request made, and failed on. */
  readonly earlierDriveId: string | undefined;
  /** Ends when the service stops. The caller's own signal ends only its wait. */
  readonly signal: AbortSignal;
}

/**
 * The rules that every mutating call shares: the same request again joins the one that runs or gives the drive as it is after
 * it; another request under the id is refused; one that failed left nothing and is tried again. What the service itself does to a
 * drive is waited for, and a drive that changed before the call's commit is looked at again.
 * Refusals: SHUTTING_DOWN, REQUEST_ID_REUSED, DRIVE_BUSY, DEADLINE_EXCEEDED, CANCELLED, and those of the work.
 */
export async function mutate(
  deps: Dependencies,
  running: Running,
  method: string,
  fields: Mutation & { readonly [name: string]: Digestible },
  call: Call,
  work: (begun: Begun) => Promise<Outcome>,
): Promise<Outcome> {
  const { requestId, etag = "", validateOnly = false, ...asked } = fields;
  const digest = requestDigest(method, { ...asked, etag, validateOnly });
  const request = { projectId: call.projectId, requestId, method, digest, seenAt: deps.now() };
  let wasOpen = false;
  const begin = async () => {
    const seen = await deps.catalog.request(request);
    if (seen !== undefined && seen.digest !== digest) throw requestIdReused(requestId);
    wasOpen = seen?.state === "OPEN";
    if (seen?.state === "OPEN") return await joinReconciler(deps, running, seen.driveId);
    if (seen?.state === "DONE") return (await deps.catalog.find(seen.driveId))?.drive;
    return await work({ request, etag, validateOnly, earlierDriveId: seen?.driveId, signal: running.stop });
  };
  const outcome = running.request(request, digest, () =>
    undisturbed(begin, (busy) => leftAlone(deps, running, request, wasOpen, busy)),
  );
  return await untilAborted(outcome, call.signal);
}

/**
 * Waits until the service's own operation has left a drive, for the call that met it to look again; so does one that the drive was
 * changed under between its look and its commit, and one that another service had open and has ended since. Refuses as the call was
 * where another call is at the drive, or where this one had begun.
 * @param wasOpen - whether the call was open when it looked
 */
async function leftAlone(
  deps: Dependencies,
  running: Running,
  request: RequestKey,
  wasOpen: boolean,
  met: Refusal,
): Promise<void> {
  const { drive_id: driveId } = met.metadata;
  const state = (await deps.catalog.request(request))?.state;
  if (driveId === undefined || state === "OPEN" || (state === "DONE" && !wasOpen)) throw met;
  const isOurs = (operation: Operation) => operation.request === undefined;
  const record = await settledDrive(deps, running, driveId, running.stop, isOurs).catch(() => Promise.reject(met));
  if (record?.operation !== undefined) throw met;
}

/**
 * Waits for an operation that is open, and goes on with it where nobody does: an earlier process began it, or its host was away.
 * Refusals: DRIVE_BUSY where another service has it, and the operation's own.
 */
export async function joinReconciler(deps: Dependencies, running: Running, driveId: string): Promise<Outcome> {
  const record = await deps.catalog.find(driveId);
  if (record?.operation === undefined) return record?.drive;
  const { id } = record.operation;
  const end = running.endOf(id);
  if (end !== undefined) await end;
  else await running.operation(id, async () => carryOut(deps, await deps.catalog.takeOver(record), running.stop));
  return (await deps.catalog.find(driveId))?.drive;
}
