import type { Dependencies } from "../dependencies.js";
import type { Launcher } from "../launcher.js";
import type { Running } from "../running.js";
import type { Turns } from "../turns.js";
import type { Instance } from "./instance.js";

/** What the use cases about instances share, with those about drives and among themselves. */
export interface InstanceContext {
  readonly deps: Dependencies;
  /** The operations on drives that this process carries out. */
  readonly drives: Running;
  /** The requests and operations about instances that it carries out. */
  readonly instances: Running<readonly Instance[]>;
  readonly turns: Turns;
}

/** What runs this instance, for whoever has read or written this revision of it. Refusals: LAUNCH_NOT_AVAILABLE. */
export function launcherOf(
  { hosts }: Pick<Dependencies, "hosts">,
  { id, host, revision }: Pick<Instance, "id" | "host" | "revision">,
): Launcher {
  return hosts.launcherAt(host, { instanceId: id, revision });
}
