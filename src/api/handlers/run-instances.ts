import type { InstanceUseCases, RunInstances } from "#drive/instance/use-cases.js";
import { Refusal } from "#drive/refusal.js";
import type { RunInstancesRequest, RunInstancesResponse } from "#gen/configdrive/v1/instance_service.js";
import { contentOf } from "../messages/content.js";
import { busWish, kindWish } from "../messages/device.js";
import { formatWish } from "../messages/image-format.js";
import { instanceMessage } from "../messages/instance.js";
import type { Handler } from "./handler.js";

/** RunInstances: makes instances, each with a drive of its own. */
export const runInstances: Handler<RunInstancesRequest, RunInstancesResponse, InstanceUseCases> = async (
  instances,
  request,
  call,
) => {
  if (request.content === undefined) throw new Refusal("INVALID_ARGUMENT", "content: is required");
  const { requestId, validateOnly, template, minCount, maxCount, name, host, label, deleteOnTermination } = request;
  const [format, kind, bus] = [formatWish(request.format), kindWish(request.kind), busWish(request.bus)];
  const run: RunInstances = {
    ...{ requestId, template, minCount, maxCount, name, host, label },
    content: contentOf(request.content),
    sizeBytes: Number(request.sizeBytes),
    ...(format === undefined ? {} : { format }),
    ...(kind === undefined ? {} : { kind }),
    ...(bus === undefined ? {} : { bus }),
    ...(deleteOnTermination === undefined ? {} : { deleteOnTermination }),
    ...(validateOnly ? { validateOnly } : {}),
  };
  return { instances: (await instances.run(run, call)).map(instanceMessage) };
};
