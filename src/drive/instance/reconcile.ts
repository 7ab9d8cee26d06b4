import { setImmediate } from "node:timers/promises";
import { carryOutInstances } from "./carry-out.js";
import type { InstanceContext } from "./context.js";
import type { InstanceRecord } from "./instance.js";

/** Instances that are looked at in one go. */
const PAGE = 100;

/** Does one thing; what it refuses is told, and gives the other value. */
type Attempt = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>;

/**
 * The instances' part of a pass of the reconciler: carries every operation to its end that nobody else here carries, and writes down
 * which guests have ended by themselves. Gives how many of both.
 */
export async function reconcileInstances(
  context: InstanceContext,
  attempt: Attempt,
  stop: AbortSignal,
): Promise<{ readonly ended: number; readonly stopped: number }> {
  const { deps, instances } = context;
  let [ended, stopped] = [0, 0];
  if (deps.launch === undefined) return { ended, stopped };
  for (const work of await deps.catalog.instances.underWay()) {
    const { id, host } = work.operation;
    if (host !== deps.launch.host || instances.endOf(id) !== undefined) continue;
    ended += await attempt(async () => {
      await instances.operation(id, async () =>
        carryOutInstances(context, await deps.catalog.instances.takeOver(work), stop),
      );
      return 1;
    }, 0);
  }
  for await (const record of everyRunning(context, deps.launch.host)) {
    stopped += await attempt(async () => Number(await noteEnded(context, record, stop)), 0);
  }
  return { ended, stopped };
}

async function* everyRunning({ deps }: InstanceContext, host: string): AsyncGenerator<InstanceRecord> {
  for (let after = ""; ; ) {
    const page = await deps.catalog.instances.running(host, after, PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.instance.id;
    await setImmediate();
  }
}

async function noteEnded({ deps }: InstanceContext, record: InstanceRecord, stop: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  if ((await deps.launch?.launcher.runs(record.instance.id, { signal })) !== false) return false;
  await deps.catalog.instances.note(record, { ...record.instance, state: "STOPPED", updatedAt: deps.now() });
  return true;
}
