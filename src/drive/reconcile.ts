import { setImmediate } from "node:timers/promises";
import { standingImage } from "./build.js";
import { carryOut } from "./carry-out.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import { type Attachment, pendingGeneration } from "./drive.js";
import { canCarryOut, hostOf, isHere } from "./host.js";
import type { InstanceContext } from "./instance/context.js";
import { reconcileInstances } from "./instance/reconcile.js";
import { oldLeftovers, removeLeftover } from "./leftovers.js";
import type { Operation } from "./operation.js";
import { Refusal } from "./refusal.js";
import type { Running } from "./running.js";
import { severalAtOnce } from "./several.js";
import type { Turns } from "./turns.js";
import type { Upkeep } from "./upkeep.js";

/** Most attached drives that are looked at in one go. */
const attachedPage = 200;

/** Most drives that are compared with what their instances show at the same time: one guest that hangs holds up no other. */
const looksAtOnce = 16;

/** What one pass of the reconciler found and did. */
export interface Reconciled {
  /** Operations of an earlier process, or left open by this one, that came to an end. */
  readonly ended: number;
  /** Instances whose guest was found to have ended by itself. */
  readonly stopped: number;
  /** Drives that instances had lost, or saw in an old generation, and see again. */
  readonly restored: number;
  /** Files that no drive has. */
  readonly orphans: number;
  /** Drives that were left over and were removed for their age. */
  readonly expired: number;
  /** Requests and changes that were forgotten for their age. */
  readonly forgotten: number;
  /** What could not be done now and is tried again at the next pass. */
  readonly refusals: readonly Refusal[];
}

/**
 * Compares what is desired with what is there, and converges: the same pass at the start, before a door opens, and all the
 * time. It carries every operation to its end that nobody else here carries, shows drives again that instances should have,
 * and removes drives that were left over and files that no drive has. What fails is told and tried again; nothing else waits for it.
 */
export async function reconcile(context: InstanceContext, upkeep: Upkeep, signal: AbortSignal): Promise<Reconciled> {
  const { deps, drives: running, turns } = context;
  const refusals: Refusal[] = [];
  const stop = AbortSignal.any([signal, running.stop]);
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      stop.throwIfAborted();
      return await work();
    } catch (error) {
      // A call came first and is at the drive; whatever it leaves, the next pass looks at.
      if (error instanceof Refusal && (error.reason === "DRIVE_BUSY" || error.reason === "INSTANCE_BUSY")) {
        return otherwise;
      }
      refusals.push(error instanceof Refusal ? error : new Refusal("INTERNAL", "reconciling failed", { cause: error }));
      return otherwise;
    }
  };
  const waiting = new Set<string>();
  const isAway = ({ drive }: DriveRecord) => {
    const away = drive.attachments.filter(({ host }) => !deps.hosts.reachable(host));
    for (const { host } of away) waiting.add(host);
    return away.length > 0;
  };
  let ended = 0;
  for (const record of await deps.catalog.underWay()) {
    const { operation } = record;
    if (operation === undefined || running.endOf(operation.id) !== undefined) continue;
    if (!canCarryOut(deps, record.drive) || isAway(record)) continue;
    ended += await attempt(async () => {
      await running.operation(operation.id, async () => carryOut(deps, await deps.catalog.takeOver(record), stop));
      return 1;
    }, 0);
  }
  let restored = 0;
  await severalAtOnce(everyAttached(deps), looksAtOnce, async (record) => {
    if (!isHere(deps, record.drive) || isAway(record)) return;
    const done = await attempt(async () => Number(await restore(deps, running, turns, record, stop)), 0);
    restored += done;
  });
  const instances = await reconcileInstances(context, attempt, waiting, stop);
  refusals.push(...[...waiting].sort().map(awayFrom));
  let expired = 0;
  for (const record of await attempt(() => oldLeftovers(deps), [])) {
    expired += await attempt(async () => {
      await removeLeftover(deps, running, record, stop);
      return 1;
    }, 0);
  }
  const orphans = await attempt(() => upkeep.orphans(deps), 0);
  const forgotten = await attempt(() => upkeep.forgotten(deps), 0);
  const { stopped } = instances;
  return { ended: ended + instances.ended, stopped, restored, expired, orphans, forgotten, refusals };
}

function awayFrom(host: string): Refusal {
  return new Refusal("HOST_UNREACHABLE", `host ${host} is away; what is to be done there is done when it is back`, {
    metadata: { host },
  });
}

/** Every drive that some instance has, a page at a time: others get their turn, however many there are. */
async function* everyAttached({ catalog }: Pick<Dependencies, "catalog">): AsyncGenerator<DriveRecord> {
  for (let after = ""; ; ) {
    const page = await catalog.attached(after, attachedPage);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.drive.id;
    await setImmediate();
  }
}

/**
 * Shows a drive again to an instance that should see it and does not: it was started anew, or the device was lost. A start
 * shows the pending generation. Gives whether something had to be done.
 */
export async function restore(
  deps: Dependencies,
  running: Running,
  turns: Turns,
  record: DriveRecord,
  stop: AbortSignal,
): Promise<boolean> {
  const { drive } = record;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  const attachments: Attachment[] = [];
  for (const attachment of drive.attachments) attachments.push(await compared(deps, record, attachment, signal));
  if (attachments.every((attachment, index) => attachment === drive.attachments[index])) return false;
  const operation: Operation = {
    id: deps.newId(),
    driveId: drive.id,
    kind: "restore",
    failure: undefined,
    force: false,
    request: undefined,
    startedAt: deps.now(),
  };
  const key = attachments[0]?.instanceId ?? drive.id;
  await turns.take(key, signal, () =>
    running.operation(operation.id, async () => {
      const opening = {
        request: undefined,
        operation,
        drive: { ...drive, attachments, updatedAt: deps.now() },
        from: record,
      };
      return await carryOut(deps, await deps.catalog.open(opening), stop);
    }),
  );
  return true;
}

/** The attachment as it should become; the same object when what is seen is what is desired. */
async function compared(
  deps: Dependencies,
  { drive }: DriveRecord,
  attachment: Attachment,
  signal: AbortSignal,
): Promise<Attachment> {
  const { instanceId, host, device, desiredGeneration, observedGeneration } = attachment;
  const { hypervisor, images } = hostOf(deps, host, drive);
  const seen = await hypervisor.observe(instanceId, { signal });
  if (seen === undefined) return observedGeneration === 0 ? attachment : { ...attachment, observedGeneration: 0 };
  const mine = seen.find((observation) => observation.driveId === drive.id);
  if (mine?.generation === desiredGeneration && observedGeneration === desiredGeneration) return attachment;
  if (mine !== undefined) return { ...attachment, state: "REFRESHING" };
  const next = pendingGeneration(drive)?.number ?? desiredGeneration;
  const image = await standingImage({ ...deps, images }, drive, next, { signal });
  const { kind, bus } = device;
  const chosen = await hypervisor.choose(instanceId, image, { kind, bus }, { signal });
  return { ...attachment, state: "REFRESHING", desiredGeneration: next, observedGeneration: 0, device: chosen };
}
