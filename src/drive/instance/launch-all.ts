import { Refusal } from "../refusal.js";
import { isDriveBusy, undisturbed } from "../undisturbed.js";
import { type InstanceContext, launcherOf } from "./context.js";
import { letGo, noteSeen, settledDrives, shownDrives } from "./drives-of.js";
import type { Instance, InstanceWork } from "./instance.js";

/**
 * Brings the instances of a run to life, one after the other: builds what is not built, launches what does not run. Those that
 * cannot be are undone, and gives those that run, when they are enough. Refusals: the first that hindered, when they are too few.
 */
export async function launchAll(
  context: InstanceContext,
  { operation, instances }: InstanceWork,
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  const running: Instance[] = [];
  const hindered: Instance[] = [];
  let why: unknown;
  for (const instance of instances) {
    try {
      await launchOne(context, instance, stop);
      running.push({ ...instance, state: "RUNNING", updatedAt: context.deps.now() });
    } catch (error) {
      if (stop.aborted || isAway(error)) throw error;
      why ??= error;
      hindered.push(instance);
      // With one that is missing it is not worth while to launch those that would be switched off again.
      if (instances.length - hindered.length < operation.minCount) throw why;
    }
  }
  await undoRun(context, hindered, stop);
  return running;
}

async function launchOne(context: InstanceContext, instance: Instance, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(context.deps.limits.operationMs)]);
  await undisturbed(async () => {
    const records = await settledDrives(context, instance, stop);
    const drives = await shownDrives(context, records, instance.id, { signal });
    if (drives.length === 0) {
      throw new Refusal("NOT_ATTACHED", `the drive of instance ${instance.id} was taken from it before it ran`, {
        metadata: { instance_id: instance.id },
      });
    }
    await launcherOf(context.deps, instance).launch(instance, drives, { signal });
  });
  await noteSeen(context, instance, stop);
}

/** Leaves nothing of instances that are not to be: neither them nor what was to be deleted with them, whatever was asked for that. */
export async function undoRun(
  context: InstanceContext,
  instances: readonly Instance[],
  stop: AbortSignal,
): Promise<void> {
  for (const instance of instances) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(context.deps.limits.operationMs)]);
    await launcherOf(context.deps, instance).destroy(instance.id, { signal });
    await undisturbed(async () => {
      for (const record of await abandonedDrives(context, instance, stop)) {
        await letGo(context, record, instance.id, true, stop);
      }
    });
  }
}

/** Whether nobody answers on the host: what is to be done there waits until it is back. */
function isAway(error: unknown): boolean {
  return error instanceof Refusal && error.reason === "HOST_UNREACHABLE";
}

/** The drives of an instance that is not to be, whatever became of what was under way on them. */
async function abandonedDrives(context: InstanceContext, instance: Instance, stop: AbortSignal) {
  try {
    return await settledDrives(context, instance, stop);
  } catch (error) {
    if (stop.aborted || !(error instanceof Refusal) || isDriveBusy(error)) throw error;
    // Their building was refused and is over: they can be let go now.
    return await settledDrives(context, instance, stop);
  }
}
