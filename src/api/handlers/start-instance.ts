import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { StartInstanceRequest, StartInstanceResponse } from "#gen/configdrive/v1/instance_service.js";
import { instanceMessage } from "../messages/instance.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** StartInstance: starts an instance that was stopped. */
export const startInstance: Handler<StartInstanceRequest, StartInstanceResponse, InstanceUseCases> = async (
  instances,
  request,
  call,
) => ({
  instance: instanceMessage(await instances.start({ ...mutationOf(request), instanceId: request.instanceId }, call)),
});
