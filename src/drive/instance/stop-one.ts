import { type InstanceContext, launcherOf } from "./context.js";
import { noteSeen } from "./drives-of.js";
import type { Instance, InstanceWork } from "./instance.js";

/** Ends guests; their drives stay theirs, and see new content at the next start. */
export async function stopOne(
  context: InstanceContext,
  { operation, instances }: InstanceWork,
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  const { deps } = context;
  for (const instance of instances) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(deps.limits.operationMs + operation.graceMs)]);
    await launcherOf(deps, instance).stop(instance.id, operation.graceMs, { signal });
    await noteSeen(context, instance, stop);
  }
  return instances.map((instance) => ({ ...instance, state: "STOPPED", updatedAt: deps.now() }));
}
