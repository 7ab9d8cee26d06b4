import type { Launcher } from "../launcher.js";
import type { InstanceContext } from "./context.js";
import { letGo, settledDrives } from "./drives-of.js";
import type { Instance } from "./instance.js";

/** Switches instances off for good, and lets their drives go: ephemeral ones with them, the others are nobody's from then on. */
export async function terminateAll(
  context: InstanceContext,
  launcher: Launcher,
  instances: readonly Instance[],
  stop: AbortSignal,
): Promise<readonly Instance[]> {
  for (const instance of instances) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(context.deps.limits.operationMs)]);
    await launcher.destroy(instance.id, { signal });
    for (const record of await settledDrives(context, instance, stop)) {
      await letGo(context, record, instance.id, record.drive.deleteOnTermination, stop);
    }
  }
  return [];
}
