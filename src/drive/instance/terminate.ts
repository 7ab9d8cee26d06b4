import type { Call } from "../use-cases.js";
import type { InstanceContext } from "./context.js";
import type { InstanceOperation, InstanceRecord } from "./instance.js";
import { beginInstances, mutateInstances } from "./mutate.js";
import { idleInstance } from "./own-instance.js";
import type { TerminateInstances } from "./use-cases.js";

/**
 * Ends instances for good. Their ephemeral drives go with them, the others are detached. One that is not there, or not the caller's,
 * is a success and nothing happens. All of them are under way or none.
 * Refusals: INSTANCE_BUSY, HOST_UNKNOWN, LAUNCH_NOT_AVAILABLE; what the hypervisor or the image store refuses, and then the reconciler
 * goes on with it.
 */
export async function terminateInstances(
  context: InstanceContext,
  request: TerminateInstances,
  call: Call,
): Promise<void> {
  const { deps } = context;
  const asked = { method: "terminate", fields: { ...request }, result: async () => [] };
  await mutateInstances(context, asked, call, async (begun) => {
    const records: InstanceRecord[] = [];
    for (const id of new Set(request.instanceIds)) {
      const found = await deps.catalog.instances.find(id);
      if (found?.instance.projectId === call.projectId) records.push(await idleInstance(deps, id, call.projectId));
    }
    if (begun.validateOnly) return [];
    const operation: InstanceOperation = {
      id: deps.newId(),
      kind: "terminate",
      host: records[0]?.instance.host ?? "",
      failure: undefined,
      minCount: 0,
      graceMs: 0,
      request: { projectId: call.projectId, requestId: request.requestId },
      startedAt: deps.now(),
    };
    if (records.length === 0) {
      await deps.catalog.settle({ ...begun.request, driveId: operation.id });
      return [];
    }
    const instances = records.map((from) => ({
      instance: { ...from.instance, state: "TERMINATING" as const, updatedAt: deps.now() },
      from,
    }));
    return await beginInstances(context, begun, operation, { instances, drives: [] });
  });
}
