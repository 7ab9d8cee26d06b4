import type { Dependencies } from "../dependencies.js";
import type { Call } from "../use-cases.js";
import { untilAborted } from "../wait.js";
import { ownInstance } from "./own-instance.js";
import type { InstanceView } from "./use-cases.js";
import { viewsOf } from "./view.js";

/** Gives one instance of the caller's project. Refusals: INSTANCE_NOT_FOUND. */
export async function getInstance(
  deps: Pick<Dependencies, "catalog">,
  instanceId: string,
  call: Call,
): Promise<InstanceView> {
  const { instance } = await untilAborted(ownInstance(deps, instanceId, call.projectId), call.signal);
  const [view] = await untilAborted(viewsOf(deps, [instance]), call.signal);
  return view ?? { instance, driveIds: [] };
}
