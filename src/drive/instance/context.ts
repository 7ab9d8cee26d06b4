import type { Dependencies } from "../dependencies.js";
import type { LaunchHost } from "../launcher.js";
import { Refusal } from "../refusal.js";
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

/** What runs instances here, and on which host. Refusals: LAUNCH_NOT_AVAILABLE where nothing does. */
export function launchOf({ launch }: Pick<Dependencies, "launch">): LaunchHost {
  if (launch !== undefined) return launch;
  throw new Refusal("LAUNCH_NOT_AVAILABLE", "this service runs no instances");
}
