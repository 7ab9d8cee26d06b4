import { carryOut } from "./carry-out.js";
import type { DriveRecord, Opening } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import type { Operation, OperationKind, Request } from "./operation.js";
import { Refusal } from "./refusal.js";
import { type Digestible, requestDigest } from "./request-digest.js";
import { type Outcome, type Running, requestIdReused } from "./running.js";
import type { Call } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/** A mutating call as its use case sees it, once it is known to be neither running nor done. */
export interface Mutation {
  readonly request: Omit<Request, "driveId">;
  /** The drive that an earlier try of the same request made, and failed on. */
  readonly earlierDriveId: string | undefined;
  /** Ends when the service stops. The caller's own signal ends only its wait. */
  readonly signal: AbortSignal;
}

/**
 * The rules that every mutating call shares: the same request again joins the one that runs or gives the drive as it is after
 * it; another request under the id is refused; one that failed left nothing and is tried again.
 * Refusals: SHUTTING_DOWN, REQUEST_ID_REUSED, DRIVE_BUSY, DEADLINE_EXCEEDED, CANCELLED, and those of the work.
 */
export async function mutate(
  deps: Dependencies,
  running: Running,
  method: string,
  fields: { readonly requestId: string; readonly [name: string]: Digestible },
  call: Call,
  work: (mutation: Mutation) => Promise<Outcome>,
): Promise<Outcome> {
  const { requestId, ...asked } = fields;
  const digest = requestDigest(method, asked);
  const request = { projectId: call.projectId, requestId, method, digest, seenAt: deps.now() };
  const outcome = running.request(request, digest, async () => {
    const seen = await deps.catalog.request(request);
    if (seen !== undefined && seen.digest !== digest) throw requestIdReused(requestId);
    if (seen?.state === "OPEN") return await joinReconciler(deps, running, seen.driveId);
    if (seen?.state === "DONE") return (await deps.catalog.find(seen.driveId))?.drive;
    return await work({ request, earlierDriveId: seen?.driveId, signal: running.stop });
  });
  return await untilAborted(outcome, call.signal);
}

/** Waits for an operation that an earlier process began and the reconciler goes on with. Refusals: DRIVE_BUSY until it does, and the operation's own. */
async function joinReconciler(deps: Dependencies, running: Running, driveId: string): Promise<Outcome> {
  const record = await deps.catalog.find(driveId);
  if (record?.operation === undefined) return record?.drive;
  const end = running.endOf(record.operation.id);
  if (end === undefined) throw busy(record);
  await end;
  return (await deps.catalog.find(driveId))?.drive;
}

/** Opens an operation and carries it out. */
export async function begin(
  deps: Dependencies,
  running: Running,
  kind: OperationKind,
  mutation: Mutation,
  change: { readonly drive: Drive; readonly force?: boolean } & Pick<Opening, "from" | "spec">,
): Promise<Outcome> {
  const driveId = change.drive.id;
  const { projectId, requestId } = mutation.request;
  const operation: Operation = {
    id: deps.newId(),
    driveId,
    kind,
    failure: undefined,
    force: change.force ?? false,
    request: { projectId, requestId },
    startedAt: deps.now(),
  };
  const request = { ...mutation.request, driveId };
  return await running.operation(operation.id, async () =>
    carryOut(deps, await deps.catalog.open({ ...change, request, operation }), running.stop),
  );
}

/** The drive of this project by its id. Refusals: DRIVE_NOT_FOUND, also for another project's. */
export async function ownDrive(
  deps: Pick<Dependencies, "catalog">,
  driveId: string,
  projectId: string,
): Promise<DriveRecord> {
  const record = await deps.catalog.find(driveId);
  if (record === undefined || record.drive.projectId !== projectId) {
    throw new Refusal("DRIVE_NOT_FOUND", `there is no drive ${driveId}`, { metadata: { drive_id: driveId } });
  }
  return record;
}

/** The drive of this project with nothing under way. Refusals: DRIVE_NOT_FOUND, DRIVE_BUSY. */
export async function idleDrive(
  deps: Pick<Dependencies, "catalog">,
  driveId: string,
  projectId: string,
): Promise<DriveRecord> {
  const record = await ownDrive(deps, driveId, projectId);
  if (record.operation !== undefined) throw busy(record);
  return record;
}

function busy({ drive, operation }: DriveRecord): Refusal {
  return new Refusal(
    "DRIVE_BUSY",
    `another operation on drive ${drive.id} is under way: ${operation?.kind ?? "unknown"}`,
    {
      metadata: { drive_id: drive.id },
    },
  );
}
