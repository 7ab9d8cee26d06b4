import { Refusal } from "../refusal.js";
import { waitEnded } from "../wait.js";
import { type InstanceContext, launcherOf } from "./context.js";
import type { Instance, InstanceWork } from "./instance.js";
import { launchAll, undoRun } from "./launch-all.js";
import { startOne } from "./start-one.js";
import { stopOne } from "./stop-one.js";
import { terminateAll } from "./terminate-all.js";

/**
 * Carries an open operation on instances to its end, from whatever point it reached: the one way for a new call and for one that a
 * killed process left. A step that is refused turns it round, and the instances become what they were before; then the refusal is
 * thrown. A termination never turns round. When `stop` is aborted, a host is away, or going back is refused too, it stays open, and
 * the reconciler goes on with it. Gives the instances at the end.
 */
export async function carryOutInstances(
  context: InstanceContext,
  work: InstanceWork,
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  const { deps } = context;
  const begun = deps.now().getTime();
  const report = (outcome: "done" | "undone" | "left", refusal?: Refusal) =>
    deps.report({
      operationId: work.operation.id,
      kind: work.operation.kind,
      driveId: "",
      instanceIds: work.instances.map(({ id }) => id),
      requestId: work.operation.request.requestId,
      outcome,
      ...(refusal === undefined ? {} : { reason: refusal.reason, message: refusal.message }),
      milliseconds: deps.now().getTime() - begun,
    });
  let why: Refusal | undefined;
  try {
    const { failure, kind } = work.operation;
    if (failure !== undefined)
      why = new Refusal(failure, `the ${kind} of these instances was turned back before a restart`);
    const turned = why === undefined ? await forward(context, work, stop) : { work, why };
    if ("instances" in turned) {
      const { instances } = turned;
      const left = await deps.catalog.instances.close(work, instances, "DONE");
      report("done");
      return left;
    }
    why = turned.why;
    await deps.catalog.instances.close(turned.work, await back(context, turned.work, stop), "FAILED");
  } catch (error) {
    const refusal = why ?? asRefusal(error);
    report("left", asRefusal(error));
    throw refusal;
  }
  report("undone", why);
  throw why;
}

type Turned = { readonly work: InstanceWork; readonly why: Refusal };

async function forward(
  context: InstanceContext,
  work: InstanceWork,
  stop: AbortSignal,
): Promise<{ readonly instances: readonly Instance[] } | Turned> {
  const { kind } = work.operation;
  try {
    return { instances: await steps(context, work, stop) };
  } catch (error) {
    if (stop.aborted) throw waitEnded(stop);
    const why = asRefusal(error);
    // Where nobody answers, going back reaches no further than going on: it goes on when the host is back.
    if (kind === "terminate" || why.reason === "HOST_UNREACHABLE") throw why;
    return { work: await context.deps.catalog.instances.turnBack(work, why.reason), why };
  }
}

async function steps(context: InstanceContext, work: InstanceWork, stop: AbortSignal): Promise<readonly Instance[]> {
  switch (work.operation.kind) {
    case "run":
      return await launchAll(context, work, stop);
    case "terminate":
      return await terminateAll(context, work.instances, stop);
    case "start":
      return await startOne(context, work.instances, stop);
    case "stop":
      return await stopOne(context, work, stop);
  }
}

/** What the instances are once nothing of the operation is left. */
async function back(context: InstanceContext, work: InstanceWork, stop: AbortSignal): Promise<readonly Instance[]> {
  const { deps } = context;
  const updatedAt = deps.now();
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  switch (work.operation.kind) {
    case "run":
      await undoRun(context, work.instances, stop);
      return [];
    case "terminate":
      return [];
    case "start":
      for (const instance of work.instances) await launcherOf(deps, instance).stop(instance.id, 0, { signal });
      return work.instances.map((instance) => ({ ...instance, state: "STOPPED", updatedAt }));
    case "stop": {
      // A guest that went after all is stopped; switching it on again would undo what the caller wants.
      const after: Instance[] = [];
      for (const instance of work.instances) {
        const state = (await launcherOf(deps, instance).runs(instance.id, { signal })) ? "RUNNING" : "STOPPED";
        after.push({ ...instance, state, updatedAt });
      }
      return after;
    }
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal("INTERNAL", "the operation failed in a way that has no reason of its own", { cause: error });
}
