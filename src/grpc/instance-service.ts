import type { UntypedHandleCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { serveInstanceHandlers } from "#api/handlers/instance-service.js";
import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { Serving } from "./served-call.js";
import { unary } from "./unary.js";

export interface InstanceServiceOptions extends Serving {
  readonly instances: InstanceUseCases;
}

/** InstanceService on gRPC: every method, by the name that the generated service definition gives it. */
export function instanceService(options: InstanceServiceOptions): UntypedServiceImplementation {
  return Object.fromEntries(
    serveInstanceHandlers<[string, UntypedHandleCall]>((name, handler) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      unary(name, handler, options.instances, options),
    ]),
  );
}
