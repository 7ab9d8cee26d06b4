import { decodeMessage } from "#api/decode.js";
import type { MethodDescriptor } from "#api/descriptors.js";
import { encodeMessage } from "#api/encode.js";
import { checkLimits } from "#api/limits.js";
import type { JsonObject } from "#bus/json.js";
import type { Endpoint, IdempotentMethod, IncomingRequest } from "#bus/server/endpoint.js";
import type { Wait } from "#drive/hypervisor.js";
import { failureOf } from "../failure.js";
import type { AgentMethod } from "../methods.js";
import { agentProtocol, methodIn, PROTOCOL_VERSION } from "../protocol.js";
import type { Handlers } from "./handler.js";

/** Told of each request that was refused or failed. */
export type OnFailure = (method: string, error: unknown) => void;

/** AgentService as an endpoint of the bus. */
export function agentEndpoint(handlers: Handlers, onFailure: OnFailure): Endpoint {
  return { version: PROTOCOL_VERSION, methods: methodsOf(handlers, onFailure) };
}

function methodsOf<Method extends AgentMethod>(handlers: Pick<Handlers, Method>, onFailure: OnFailure) {
  const methods = new Map<string, IdempotentMethod>();
  for (const name in handlers) {
    const descriptor = methodIn(agentProtocol(), name);
    methods.set(descriptor.busName, protocolMethod(descriptor, handlers[name], onFailure));
  }
  return methods;
}

/**
 * A method between agents and services: strictly decoded, held to its limits, and acknowledged after the reply, since every one
 * of them may run twice.
 */
export function protocolMethod<Request extends object, Response extends object>(
  { busName, request, response }: MethodDescriptor,
  handler: (request: Request, wait: Wait) => Promise<Response>,
  onFailure: OnFailure,
): IdempotentMethod {
  return {
    idempotent: true,
    async run(args: JsonObject, { signal }: IncomingRequest) {
      try {
        const message = decodeMessage<Request>(request, args);
        checkLimits(request, message);
        signal.throwIfAborted();
        return encodeMessage(response, await handler(message, { signal }));
      } catch (error) {
        onFailure(busName, error);
        throw failureOf(error);
      }
    },
  };
}
