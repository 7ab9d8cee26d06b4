import { undisturbed } from "../undisturbed.js";
import { type InstanceContext, launcherOf } from "./context.js";
import { noteSeen, settledDrives, shownDrives, wantPending } from "./drives-of.js";
import type { Instance } from "./instance.js";

/** Launches instances that were stopped, each with the newest content of the drives that it has. */
export async function startOne(
  context: InstanceContext,
  instances: readonly Instance[],
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  const { deps } = context;
  for (const instance of instances) {
    const launcher = launcherOf(deps, instance);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs)]);
    await undisturbed(async () => {
      // A start that was cut off may have brought it up already: then it sees what it was to see.
      if (await launcher.runs(instance.id, { signal })) return;
      await wantPending(context, await settledDrives(context, instance, stop), instance.id, stop);
      const drives = await shownDrives(context, await settledDrives(context, instance, stop), instance.id, { signal });
      await launcher.launch(instance, drives, { signal });
    });
    await noteSeen(context, instance, stop);
  }
  return instances.map((instance) => ({ ...instance, state: "RUNNING", updatedAt: deps.now() }));
}
