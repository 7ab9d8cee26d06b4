import { undisturbed } from "../undisturbed.js";
import { type InstanceContext, launcherOf } from "./context.js";
import { letGo, settledDrives } from "./drives-of.js";
import type { Instance } from "./instance.js";

/**
 * Switches instances off for good, and lets their drives go: ephemeral ones with them, the others are nobody's from then on. None
 * waits for another one whose host is away. Refusals: the first that hindered, after all were tried.
 */
export async function terminateAll(
  context: InstanceContext,
  instances: readonly Instance[],
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  const hindrances: unknown[] = [];
  for (const instance of instances) {
    try {
      await terminateOne(context, instance, stop);
    } catch (error) {
      if (stop.aborted) throw error;
      hindrances.push(error);
    }
  }
  if (hindrances.length > 0) throw hindrances[0];
  return [];
}

async function terminateOne(context: InstanceContext, instance: Instance, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(context.deps.limits.operationMs)]);
  await launcherOf(context.deps, instance).destroy(instance.id, { signal });
  await undisturbed(async () => {
    for (const record of await settledDrives(context, instance, stop)) {
      await letGo(context, record, instance.id, record.drive.deleteOnTermination, stop);
    }
  });
}
