import type { Dependencies } from "../dependencies.js";
import { Refusal } from "../refusal.js";
import { type InstanceRecord, instanceEtag } from "./instance.js";

/** The instance of this project by its id. Refusals: INSTANCE_NOT_FOUND, also for another project's. */
export async function ownInstance(
  { catalog }: Pick<Dependencies, "catalog">,
  instanceId: string,
  projectId: string,
): Promise<InstanceRecord> {
  const record = await catalog.instances.find(instanceId);
  // One that a run under way has not brought to life yet is not there for anybody.
  if (record === undefined || record.instance.projectId !== projectId) {
    throw new Refusal("INSTANCE_NOT_FOUND", `there is no instance ${instanceId} of this service`, {
      metadata: { instance_id: instanceId },
    });
  }
  return record;
}

/**
 * The instance that a request is about, with nothing under way, on a host that is served here.
 * Refusals: INSTANCE_NOT_FOUND, INSTANCE_BUSY, HOST_UNKNOWN; ETAG_MISMATCH where it is not as the caller knows it.
 */
export async function idleInstance(
  deps: Pick<Dependencies, "catalog" | "hosts">,
  instanceId: string,
  projectId: string,
  etag = "",
): Promise<InstanceRecord> {
  const record = await ownInstance(deps, instanceId, projectId);
  const { instance, operationId } = record;
  const metadata = { instance_id: instanceId };
  if (operationId !== undefined) {
    throw new Refusal("INSTANCE_BUSY", `another call about instance ${instanceId} is under way: ${instance.state}`, {
      metadata,
    });
  }
  if (!deps.hosts.serves(instance.host)) {
    throw new Refusal("HOST_UNKNOWN", `instance ${instanceId} is on ${instance.host}, which is not served here`, {
      metadata: { host: instance.host },
    });
  }
  const now = instanceEtag(instance);
  if (etag === "" || etag === now) return record;
  throw new Refusal("ETAG_MISMATCH", `instance ${instanceId} has changed: its etag is ${now}, not ${etag}`, {
    metadata,
    violations: [{ field: "etag", rule: "the instance's etag as it is now" }],
  });
}
