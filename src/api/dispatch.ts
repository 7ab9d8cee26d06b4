import type { UseCases } from "#drive/use-cases.js";
import type { MethodDescriptor } from "./descriptors.js";
import type { Handler } from "./handlers/handler.js";
import { checkLimits } from "./limits.js";
import { authorize } from "./policy/authorize.js";
import type { CallerCall } from "./policy/caller.js";
import type { Authorization } from "./policy/policy.js";

/** What stands behind both doors: the use cases, and who may do what. */
export interface Behind {
  readonly drives: UseCases;
  readonly policy: Authorization;
}

/**
 * What both doors do with a request once it is a message: ask the policy, hold it to its limits, hand it to its handler.
 * @throws Refusal
 */
export async function dispatch<Request extends object, Response, On>(
  method: MethodDescriptor,
  handler: Handler<Request, Response, On>,
  on: On,
  policy: Authorization,
  request: Request,
  call: CallerCall,
): Promise<Response> {
  authorize(policy, method, request, call);
  checkLimits(method.request, request);
  call.signal.throwIfAborted();
  return handler(on, request, call);
}
