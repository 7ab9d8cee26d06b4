import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { StopInstanceRequest, StopInstanceResponse } from "#gen/configdrive/v1/instance_service.js";
import { instanceMessage } from "../messages/instance.js";
import { mutationOf } from "../messages/mutation.js";
import type { Handler } from "./handler.js";

/** What a guest gets whose caller does not say (instance_service.proto, StopInstanceRequest.grace_seconds). */
const DEFAULT_GRACE_SECONDS = 60;

/** StopInstance: shuts an instance down. */
export const stopInstance: Handler<StopInstanceRequest, StopInstanceResponse, InstanceUseCases> = async (
  instances,
  request,
  call,
) => {
  const { instanceId, graceSeconds = DEFAULT_GRACE_SECONDS } = request;
  const graceMs = graceSeconds * 1000;
  return { instance: instanceMessage(await instances.stop({ ...mutationOf(request), instanceId, graceMs }, call)) };
};
