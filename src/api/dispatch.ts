import type { Call, DriveUseCases } from "#drive/use-cases.js";
import type { MethodDescriptor } from "./descriptors.js";
import type { Handler } from "./handlers/handler.js";
import { checkLimits } from "./limits.js";

/**
 * What both doors do with a request once it is a message: hold it to its limits, then hand it to its handler.
 * @throws Refusal
 */
export async function dispatch<Request extends object, Response>(
  method: MethodDescriptor,
  handler: Handler<Request, Response>,
  drives: DriveUseCases,
  request: Request,
  call: Call,
): Promise<Response> {
  checkLimits(method.request, request);
  call.signal.throwIfAborted();
  return handler(drives, request, call);
}
