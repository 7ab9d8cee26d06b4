import { carryOut } from "./carry-out.js";
import type { DriveOpening, DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { requireHere, requireServed } from "./host.js";
import { type Begun, joinReconciler, mutate } from "./mutate.js";
import type { Operation, Released, RequestKey } from "./operation.js";
import { busy } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import type { Turns } from "./turns.js";
import type { Call, ReleasedInstance, ReleaseInstance } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Lets go of an instance that is known to be deleted: its ephemeral drives are deleted, those that it was the last one to have
 * among them; the others are nobody's from then on. Told of the project's own drives only. One commit decides about all that
 * nothing else is under way on; a drive with another operation is waited for as long as one may run, and keeps no other one back.
 * What was decided never turns back, for a hypervisor that does not answer now has nothing to give the drives back to.
 * The same request again goes on with what is left, and then gives the same answer.
 * Refusals: HOST_UNKNOWN, also where another host has one of the drives; DRIVE_BUSY where one still is after the others were let
 * go; what the hypervisor or the image store refuses, and then the reconciler goes on with it.
 */
export async function releaseInstance(
  deps: Dependencies,
  running: Running,
  turns: Turns,
  request: ReleaseInstance,
  call: Call,
): Promise<ReleasedInstance> {
  const { requestId, instanceId } = request;
  const { projectId } = call;
  await mutate(deps, running, "release", { ...request }, call, async (begun) => {
    requireServed(deps, request.host);
    if (begun.validateOnly) return undefined;
    // After what came before it for the same instance: an attach under way ends first, and its drive is let go with the others.
    await turns.take(instanceId, begun.signal, () => releaseAll(deps, running, instanceId, begun));
    return undefined;
  });
  if (request.validateOnly === true) {
    const { released, drives } = decide(deps, await deps.catalog.ofInstance(projectId, instanceId), instanceId);
    const kept = drives.flatMap(({ drive }) => (released.kept.includes(drive.id) ? [drive] : []));
    return { deleted: released.deleted, kept };
  }
  const { deleted, kept } = (await deps.catalog.request({ projectId, requestId }))?.released ?? {
    deleted: [],
    kept: [],
  };
  // A process that was killed may have left some; those that are kept may have gone on to other operations since.
  for (const id of deleted) await untilAborted(joinReconciler(deps, running, id), call.signal);
  const drives = await Promise.all(kept.map((id) => keptDrive(deps, running, id, call)));
  return { deleted, kept: drives.flatMap((drive) => drive ?? []) };
}

/** Lets go of the drives that are idle, and then of those that were not, as they become so. */
async function releaseAll(
  deps: Dependencies,
  running: Running,
  instanceId: string,
  { request, signal }: Pick<Begun, "request" | "signal">,
): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(deps.limits.operationMs)]);
  const refused: unknown[] = [];
  for (;;) {
    const written = deps.catalog.nextWrite();
    // The same request again may have come to its end at another service.
    if ((await deps.catalog.request(request))?.state === "DONE") break;
    const records = await deps.catalog.ofInstance(request.projectId, instanceId);
    const left = records.filter((record) => !isReleasedBy(request, record));
    for (const { drive } of left) requireHere(deps, drive);
    const idle = left.filter(({ operation }) => operation === undefined);
    const held = left.find(({ operation }) => operation !== undefined);
    if (idle.length > 0 || held === undefined) {
      try {
        refused.push(...(await release(deps, running, idle, instanceId, request, held === undefined)));
        if (held === undefined) break;
      } catch (error) {
        // Somebody wrote one of them since.
        if (!(error instanceof Refusal && error.reason === "DRIVE_BUSY")) throw error;
      }
    }
    await untilAborted(written, patience).catch((error: unknown) => {
      throw signal.aborted || held === undefined ? error : busy(held);
    });
  }
  if (refused.length > 0) throw refused[0];
}

function isReleasedBy({ projectId, requestId }: RequestKey, { operation }: DriveRecord): boolean {
  const by = operation?.kind === "release" ? operation.request : undefined;
  return by?.projectId === projectId && by.requestId === requestId;
}

/** Decides about drives, and carries it out. Gives the refusals of those that are left to the reconciler. Refusals: DRIVE_BUSY, HOST_UNKNOWN. */
async function release(
  deps: Dependencies,
  running: Running,
  records: readonly DriveRecord[],
  instanceId: string,
  request: Begun["request"],
  isAll: boolean,
): Promise<readonly unknown[]> {
  const { released, drives } = decide(deps, records, instanceId);
  const openings = drives.map((change) => ({ ...change, operation: operationOn(deps, change.drive, request) }));
  return await carryOutAll(deps, running, openings, () =>
    deps.catalog.openAll({ ...request, driveId: "", released }, openings, isAll ? "DONE" : "FAILED"),
  );
}

/** What is to become of the instance's drives. Refusals: HOST_UNKNOWN. */
function decide(
  deps: Dependencies,
  records: readonly DriveRecord[],
  instanceId: string,
): { readonly released: Released; readonly drives: readonly Pick<DriveOpening, "drive" | "from">[] } {
  const drives = records.map((from) => {
    const others = from.drive.attachments.some((attachment) => attachment.instanceId !== instanceId);
    const drive: Drive = {
      ...from.drive,
      deleting: from.drive.deleteOnTermination && !others,
      lastInstanceId: "",
      attachments: from.drive.attachments.map((attachment) =>
        attachment.instanceId === instanceId ? { ...attachment, state: "DETACHING" } : attachment,
      ),
      updatedAt: deps.now(),
    };
    requireHere(deps, drive);
    return { drive, from };
  });
  const idsOf = (deleting: boolean) => drives.flatMap(({ drive }) => (drive.deleting === deleting ? [drive.id] : []));
  return { released: { deleted: idsOf(true), kept: idsOf(false) }, drives };
}

function operationOn(deps: Dependencies, drive: Drive, { projectId, requestId }: RequestKey): Operation {
  return {
    id: deps.newId(),
    driveId: drive.id,
    kind: "release",
    failure: undefined,
    // A medium that a guest had locked is no reason to keep it.
    force: true,
    request: { projectId, requestId },
    startedAt: deps.now(),
  };
}

/** Opens the operations and carries each to its end; one that is refused keeps no other one back. Gives what they were refused with. */
async function carryOutAll(
  deps: Dependencies,
  running: Running,
  openings: readonly DriveOpening[],
  open: () => Promise<readonly DriveRecord[]>,
): Promise<readonly unknown[]> {
  const ids = openings.map(({ operation }) => operation.id);
  return await running.operations(ids, async () => {
    const refused: unknown[] = [];
    for (const record of await open()) {
      await carryOut(deps, record, running.stop).catch((refusal: unknown) => refused.push(refusal));
    }
    return refused;
  });
}

/** A drive that was kept, as it is now, once it is let go; `undefined` when it was deleted since. */
async function keptDrive(deps: Dependencies, running: Running, id: string, call: Call): Promise<Drive | undefined> {
  const record = await deps.catalog.find(id);
  if (record?.operation?.kind !== "release") return record?.drive;
  return await untilAborted(joinReconciler(deps, running, id), call.signal);
}
