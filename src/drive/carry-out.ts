import { goBack } from "./back.js";
import type { DriveRecord } from "./catalog.js";
import type { Dependencies } from "./dependencies.js";
import type { Drive } from "./drive.js";
import { goForward } from "./forward.js";
import { giveWay } from "./give-way.js";
import { withdrawImages } from "./host-images.js";
import { OpenOperation } from "./open-operation.js";
import { asRefusal, Refusal } from "./refusal.js";
import { withoutOldGenerations } from "./retention.js";
import { waitEnded } from "./wait.js";

/** How an operation ended: as asked, or back where it began because of a refusal. */
type End = { readonly drive: Drive | undefined; readonly refusal?: Refusal };

/**
 * Carries an open operation to its end, from whatever point it reached: the one way for a new call and for one that a killed
 * process left. A step that is refused turns it round, and the drive becomes what it was before; then the refusal is thrown.
 * When `stop` is aborted, the host is away, going back is refused too, or there is no way back, it stays open, and the reconciler
 * goes on with it.
 * Where another service took it over meanwhile, what was done too late is taken back.
 * @param why - the refusal that turned the operation round, where that is known
 * Gives the drive at the end; `undefined` when it was removed.
 */
export async function carryOut(
  deps: Dependencies,
  record: DriveRecord,
  stop: AbortSignal,
  why?: Refusal,
): Promise<Drive | undefined> {
  const open = new OpenOperation(deps.catalog, record);
  const begun = deps.now().getTime();
  const report = (outcome: "done" | "undone" | "left", refusal?: Refusal) => {
    const { id, kind, driveId, request } = open.operation;
    deps.report({
      operationId: id,
      kind,
      driveId,
      requestId: request?.requestId ?? "",
      outcome,
      ...(refusal === undefined ? {} : { reason: refusal.reason, message: refusal.message }),
      milliseconds: deps.now().getTime() - begun,
    });
  };
  let ended: End;
  try {
    ended = await (open.operation.failure === undefined ? forward(deps, open, stop) : back(deps, open, stop, why));
  } catch (error) {
    const refusal = asRefusal(error);
    report("left", refusal);
    if (refusal.reason === "DRIVE_BUSY") {
      await giveWay(deps, open.drive, {
        signal: AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]),
      });
    }
    throw refusal;
  }
  report(ended.refusal === undefined ? "done" : "undone", ended.refusal);
  if (ended.refusal !== undefined) throw ended.refusal;
  return ended.drive;
}

async function forward(deps: Dependencies, open: OpenOperation, stop: AbortSignal): Promise<End> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  try {
    return { drive: await commitEnd(deps, open, await goForward(deps, open, { signal }), "DONE") };
  } catch (error) {
    if (stop.aborted) throw error;
    const refusal = signal.aborted ? waitEnded(signal) : asRefusal(error);
    // Where nobody answers, going back reaches no further than going on: it goes on when the host is back.
    if (open.operation.kind === "release" || refusal.reason === "HOST_UNREACHABLE") throw refusal;
    await open.advance(open.drive, { ...open.operation, failure: refusal.reason });
    try {
      return await back(deps, open, stop, refusal);
    } catch (hindrance) {
      const { reason, metadata, message } = refusal;
      const also = `${message}; going back was refused too: ${asRefusal(hindrance).message}`;
      throw new Refusal(reason, also, { metadata: { ...metadata }, cause: hindrance });
    }
  }
}

async function back(deps: Dependencies, open: OpenOperation, stop: AbortSignal, why?: Refusal): Promise<End> {
  const { driveId, kind, failure = "INTERNAL" } = open.operation;
  const refusal = why ?? new Refusal(failure, `the ${kind} of drive ${driveId} was turned back before a restart`);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  return {
    drive: await commitEnd(deps, open, await goBack(deps, open, refusal.reason, { signal }), "FAILED"),
    refusal,
  };
}

/** Commits the end, then removes the files that nobody needs any more. */
async function commitEnd(
  deps: Dependencies,
  open: OpenOperation,
  reached: Drive | undefined,
  state: "DONE" | "FAILED",
): Promise<Drive | undefined> {
  const before = open.drive;
  if (reached === undefined) {
    await open.remove(deps.now(), state);
    await withdrawImages(deps, before, undefined);
    return undefined;
  }
  const { drive, gone } = withoutOldGenerations({ ...reached, updatedAt: deps.now() });
  const closed = await open.close(drive, state);
  // What cannot be removed now is an orphan from here on, and the reconciler tries again; the operation is done all the same.
  await Promise.allSettled(gone.map((number) => deps.images.remove(drive.id, number)));
  await withdrawImages(deps, before, closed);
  return closed;
}
