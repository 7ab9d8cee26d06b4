import type { Call, Mutation } from "../use-cases.js";
import type { InstanceContext } from "./context.js";
import { launcherOf } from "./context.js";
import type { Instance, InstanceOperation } from "./instance.js";
import { type BegunCall, beginInstances, mutateInstances } from "./mutate.js";
import { idleInstance, ownInstance } from "./own-instance.js";
import type { InstanceView, StartInstance, StopInstance } from "./use-cases.js";

/**
 * Stops an instance: the guest is asked to shut down, and switched off when it does not in time. One that is stopped is a success.
 * Refusals: INSTANCE_NOT_FOUND, INSTANCE_BUSY, ETAG_MISMATCH, HOST_UNKNOWN, LAUNCH_NOT_AVAILABLE, HOST_UNREACHABLE, those of the hypervisor.
 */
export async function stopInstance(context: InstanceContext, request: StopInstance, call: Call): Promise<InstanceView> {
  return await changeState(context, request, call, { kind: "stop", under: "STOPPING", at: "STOPPED" });
}

/**
 * Starts an instance that was stopped; its drives show their newest content. One that runs is a success. Refusals: as `stopInstance`,
 * and those of the image store.
 */
export async function startInstance(
  context: InstanceContext,
  request: StartInstance,
  call: Call,
): Promise<InstanceView> {
  return await changeState(context, { ...request, graceMs: 0 }, call, {
    kind: "start",
    under: "STARTING",
    at: "RUNNING",
  });
}

interface Change {
  readonly kind: "stop" | "start";
  readonly under: Instance["state"];
  readonly at: Instance["state"];
}

async function changeState(
  context: InstanceContext,
  request: Mutation & { readonly instanceId: string; readonly graceMs: number },
  call: Call,
  { kind, under, at }: Change,
): Promise<InstanceView> {
  const { deps } = context;
  const { instanceId, graceMs } = request;
  const now = async () => [(await ownInstance(deps, instanceId, call.projectId)).instance];
  const asked = { method: kind, fields: { ...request }, result: now };
  const [view] = await mutateInstances(context, asked, call, async (begun: BegunCall) => {
    const from = await idleInstance(deps, instanceId, call.projectId, begun.etag);
    const { signal } = begun;
    const runs = await launcherOf(deps, from.instance).runs(instanceId, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(deps.limits.operationMs)]),
    });
    const isThere = runs === (at === "RUNNING") && from.instance.state === at;
    const instance: Instance = { ...from.instance, state: isThere ? at : under, updatedAt: deps.now() };
    if (begun.validateOnly) return [isThere ? from.instance : instance];
    if (isThere) {
      await deps.catalog.settle({ ...begun.request, driveId: instanceId });
      return [from.instance];
    }
    const operation: InstanceOperation = {
      id: deps.newId(),
      kind,
      host: from.instance.host,
      failure: undefined,
      minCount: 0,
      graceMs,
      request: { projectId: call.projectId, requestId: request.requestId },
      startedAt: deps.now(),
    };
    return await beginInstances(context, begun, operation, { instances: [{ instance, from }], drives: [] });
  });
  return view ?? { instance: (await ownInstance(deps, instanceId, call.projectId)).instance, driveIds: [] };
}
