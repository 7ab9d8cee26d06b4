import { setImmediate } from "node:timers/promises";
import { severalAtOnce } from "../several.js";
import { carryOutInstances } from "./carry-out.js";
import { type InstanceContext, launcherOf } from "./context.js";
import type { InstanceRecord, InstanceWork } from "./instance.js";

/** Instances that are read in one go. */
const PAGE = 100;

/** Instances that are looked at at the same time: one guest that hangs holds up no other. */
const LOOKS_AT_ONCE = 16;

/** Does one thing; what it refuses is told, and gives the other value. */
type Attempt = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>;

/**
 * The instances' part of a pass of the reconciler: carries every operation to its end that nobody else here carries, and writes down
 * which guests have ended by themselves. Gives how many of both.
 * @param waiting - takes the hosts that are away and that something is to be done on
 */
export async function reconcileInstances(
  context: InstanceContext,
  attempt: Attempt,
  waiting: Set<string>,
  stop: AbortSignal,
): Promise<{ readonly ended: number; readonly stopped: number }> {
  const { deps, instances } = context;
  let [ended, stopped] = [0, 0];
  for (const work of await deps.catalog.instances.underWay()) {
    const { id } = work.operation;
    if (instances.endOf(id) !== undefined || !canGoOn(context, work, waiting)) continue;
    ended += await attempt(async () => {
      await instances.operation(id, async () =>
        carryOutInstances(context, await deps.catalog.instances.takeOver(work), stop),
      );
      return 1;
    }, 0);
  }
  await severalAtOnce(everyRunning(context), LOOKS_AT_ONCE, async (record) => {
    if (!deps.hosts.reachable(record.instance.host)) return;
    const found = await attempt(async () => Number(await noteEnded(context, record, stop)), 0);
    stopped += found;
  });
  return { ended, stopped };
}

/** Whether something can be done about an operation now: it is this service's to do, and one of its hosts is there. */
function canGoOn({ deps }: InstanceContext, { operation, instances }: InstanceWork, waiting: Set<string>): boolean {
  const named = instances.length === 0 ? [operation.host] : instances.map(({ host }) => host);
  const concerned = [...new Set(named)];
  if (!concerned.every((host) => deps.hosts.serves(host))) return false;
  const away = concerned.filter((host) => !deps.hosts.reachable(host));
  for (const host of away) waiting.add(host);
  return away.length < concerned.length;
}

async function* everyRunning({ deps }: InstanceContext): AsyncGenerator<InstanceRecord> {
  for (const { host, state, launches } of deps.hosts.view()) {
    // On a host that is lost nothing runs, whatever is known of it.
    if (state !== "LOST" && !(state === "PRESENT" && launches)) continue;
    for (let after = ""; ; ) {
      const page = await deps.catalog.instances.running(host, after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.instance.id;
      await setImmediate();
    }
  }
}

async function noteEnded({ deps }: InstanceContext, record: InstanceRecord, stop: AbortSignal): Promise<boolean> {
  const { instance } = record;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
  if (await launcherOf(deps, instance).runs(instance.id, { signal })) return false;
  await deps.catalog.instances.note(record, { ...instance, state: "STOPPED", updatedAt: deps.now() });
  return true;
}
