import { carryOut } from "./carry-out.js";
import type { DriveOpening, DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { requireHere, requireServed } from "./host.js";
import { joinReconciler, mutate } from "./mutate.js";
import type { Operation, Released, RequestKey } from "./operation.js";
import { busy } from "./own-drive.js";
import type { Running } from "./running.js";
import type { Turns } from "./turns.js";
import type { Call, ReleasedInstance, ReleaseInstance } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Lets go of an instance that is known to be deleted: its ephemeral drives are deleted, those that it was the last one to have
 * among them; the others are nobody's from then on. Told of the project's own drives only. One commit decides about all of
 * them; what it decided never turns back, for a hypervisor that does not answer now has nothing to give the drives back to.
 * The same request again gives the same answer.
 * Refusals: HOST_UNKNOWN, also where another host has one of the drives; DRIVE_BUSY, and then nothing is done; what the
 * hypervisor or the image store refuses, and then the reconciler goes on with it.
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
    await turns.take(instanceId, begun.signal, async () => {
      const { released, drives } = decide(deps, await deps.catalog.ofInstance(projectId, instanceId), instanceId);
      const openings = drives.map((change) => ({
        ...change,
        operation: operationOn(deps, change.drive, begun.request),
      }));
      await carryOutAll(deps, running, openings, () =>
        deps.catalog.openAll({ ...begun.request, driveId: "", released }, openings),
      );
    });
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

/** What is to become of the instance's drives. Refusals: DRIVE_BUSY, HOST_UNKNOWN. */
function decide(
  deps: Dependencies,
  records: readonly DriveRecord[],
  instanceId: string,
): { readonly released: Released; readonly drives: readonly Pick<DriveOpening, "drive" | "from">[] } {
  const drives = records.map((from) => {
    if (from.operation !== undefined) throw busy(from);
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

/** Opens the operations and carries each to its end; one that is refused keeps no other one back. */
async function carryOutAll(
  deps: Dependencies,
  running: Running,
  openings: readonly DriveOpening[],
  open: () => Promise<readonly DriveRecord[]>,
): Promise<void> {
  const ids = openings.map(({ operation }) => operation.id);
  await running.operations(ids, async () => {
    const refused: unknown[] = [];
    for (const record of await open()) {
      await carryOut(deps, record, running.stop).catch((refusal: unknown) => refused.push(refusal));
    }
    if (refused.length > 0) throw refused[0];
  });
}

/** A drive that was kept, as it is now, once it is let go; `undefined` when it was deleted since. */
async function keptDrive(deps: Dependencies, running: Running, id: string, call: Call): Promise<Drive | undefined> {
  const record = await deps.catalog.find(id);
  if (record?.operation?.kind !== "release") return record?.drive;
  return await untilAborted(joinReconciler(deps, running, id), call.signal);
}
