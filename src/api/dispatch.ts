import type { UseCases } from "#drive/use-cases.js";
import { admit, type Gate } from "./admit.js";
import type { MethodDescriptor } from "./descriptors.js";
import type { Handler } from "./handlers/handler.js";
import { checkLimits, inlineBytes } from "./limits.js";
import type { CallerCall } from "./policy/caller.js";
import { subjectOf } from "./subject.js";

/** What stands behind both doors: the use cases, and who may do what, how often. */
export interface Behind extends Gate {
  readonly drives: UseCases;
}

/**
 * What both doors do with a request once it is a message: let it in, hold it to its limits, hand it to its handler.
 * @throws Refusal
 */
export async function dispatch<Request extends object, Response extends object, On>(
  method: MethodDescriptor,
  handler: Handler<Request, Response, On>,
  on: On,
  gate: Gate,
  request: Request,
  call: CallerCall,
): Promise<Response> {
  call.about?.(subjectOf(method.request, request));
  const countBytes = admit(gate, method, request, call);
  checkLimits(method.request, request);
  countBytes(inlineBytes(method.request, request));
  call.signal.throwIfAborted();
  const response = await handler(on, request, call);
  call.about?.(subjectOf(method.response, response));
  return response;
}
