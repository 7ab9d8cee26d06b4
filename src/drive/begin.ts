import { carryOut } from "./carry-out.js";
import type { DriveRecord, DriveWrite } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import { requireHere } from "./host.js";
import type { Begun } from "./mutate.js";
import type { Operation, OperationKind } from "./operation.js";
import type { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";

/**
 * Opens an operation and carries it out; where nothing is to be done, gives the drive as it would be at the beginning. One that
 * was refused already is opened to go back. Refusals: HOST_UNKNOWN, and those of the operation.
 */
export async function begin(
  deps: Dependencies,
  running: Running,
  kind: OperationKind,
  begun: Begun,
  change: DriveWrite & { readonly force?: boolean; readonly refusal?: Refusal },
): Promise<Outcome> {
  requireHere(deps, change.drive);
  if (begun.validateOnly) return change.drive;
  const driveId = change.drive.id;
  const { projectId, requestId } = begun.request;
  const operation: Operation = {
    id: deps.newId(),
    driveId,
    kind,
    failure: change.refusal?.reason,
    force: change.force ?? false,
    request: { projectId, requestId },
    startedAt: deps.now(),
  };
  const request = { ...begun.request, driveId };
  return await running.operation(operation.id, async () =>
    carryOut(deps, await deps.catalog.open({ ...change, request, operation }), running.stop, change.refusal),
  );
}

/**
 * Ends a request that needs no operation: with the drive as it is, or with a change that is done once it is committed.
 * `undefined` as the drive: there is none, and that is right.
 */
export async function settle(
  deps: Pick<Dependencies, "catalog">,
  begun: Begun,
  driveId: string,
  from?: DriveRecord,
  drive: Outcome = from?.drive,
): Promise<Outcome> {
  if (begun.validateOnly) return drive;
  const request = { ...begun.request, driveId };
  if (from !== undefined && drive !== undefined && drive !== from.drive) {
    return await deps.catalog.settle(request, { from, drive });
  }
  await deps.catalog.settle(request);
  return drive;
}
