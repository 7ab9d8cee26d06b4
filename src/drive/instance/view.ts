import type { Dependencies } from "../dependencies.js";
import type { Instance } from "./instance.js";
import type { InstanceView } from "./use-cases.js";

/** Instances with the ids of the drives that each of them has, in the same order. */
export async function viewsOf(
  { catalog }: Pick<Dependencies, "catalog">,
  instances: readonly Instance[],
): Promise<readonly InstanceView[]> {
  const drives = await catalog.instances.drivesOf(instances.map(({ id }) => id));
  return instances.map((instance) => ({ instance, driveIds: drives.get(instance.id) ?? [] }));
}
