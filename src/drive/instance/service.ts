import { startInstance, stopInstance } from "./change-state.js";
import type { InstanceContext } from "./context.js";
import { getInstance } from "./get.js";
import { listInstances } from "./list.js";
import { runInstances } from "./run.js";
import { terminateInstances } from "./terminate.js";
import type { InstanceUseCases } from "./use-cases.js";

/** Binds the use cases about instances to what they need. */
export function createInstanceUseCases(context: InstanceContext): InstanceUseCases {
  const { deps } = context;
  return {
    run: (request, call) => runInstances(context, request, call),
    terminate: (request, call) => terminateInstances(context, request, call),
    stop: (request, call) => stopInstance(context, request, call),
    start: (request, call) => startInstance(context, request, call),
    get: (instanceId, call) => getInstance(deps, instanceId, call),
    list: (request, call) => listInstances(deps, request, call),
  };
}
