import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { TerminateInstancesRequest, TerminateInstancesResponse } from "#gen/configdrive/v1/instance_service.js";
import type { Handler } from "./handler.js";

/** TerminateInstances: ends instances for good. */
export const terminateInstances: Handler<
  TerminateInstancesRequest,
  TerminateInstancesResponse,
  InstanceUseCases
> = async (instances, request, call) => {
  const { requestId, instanceIds, validateOnly } = request;
  await instances.terminate({ requestId, instanceIds, ...(validateOnly ? { validateOnly } : {}) }, call);
  return {};
};
