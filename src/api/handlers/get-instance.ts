import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { GetInstanceRequest, GetInstanceResponse } from "#gen/configdrive/v1/instance_service.js";
import { instanceMessage } from "../messages/instance.js";
import type { Handler } from "./handler.js";

/** GetInstance: gives one instance. */
export const getInstance: Handler<GetInstanceRequest, GetInstanceResponse, InstanceUseCases> = async (
  instances,
  request,
  call,
) => ({ instance: instanceMessage(await instances.get(request.instanceId, call)) });
