import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { Serve } from "./drive-service.js";
import { getInstance } from "./get-instance.js";
import { listInstances } from "./list-instances.js";
import { runInstances } from "./run-instances.js";
import { startInstance } from "./start-instance.js";
import { stopInstance } from "./stop-instance.js";
import { terminateInstances } from "./terminate-instances.js";

/** Gives a door every method of InstanceService with its handler. */
export function serveInstanceHandlers<T>(serve: Serve<T, InstanceUseCases>): T[] {
  return [
    serve("RunInstances", runInstances),
    serve("TerminateInstances", terminateInstances),
    serve("StopInstance", stopInstance),
    serve("StartInstance", startInstance),
    serve("GetInstance", getInstance),
    serve("ListInstances", listInstances),
  ];
}
