import type { InstanceUseCases } from "#drive/instance/use-cases.js";
import type { ListInstancesRequest, ListInstancesResponse } from "#gen/configdrive/v1/instance_service.js";
import { instanceMessage } from "../messages/instance.js";
import type { Handler } from "./handler.js";

/** ListInstances: gives the instances of the caller's project, by id. */
export const listInstances: Handler<ListInstancesRequest, ListInstancesResponse, InstanceUseCases> = async (
  instances,
  request,
  call,
) => {
  const { reservationId, pageSize, pageToken } = request;
  const page = await instances.list({ reservationId, pageSize, pageToken }, call);
  return { instances: page.instances.map(instanceMessage), nextPageToken: page.nextPageToken };
};
