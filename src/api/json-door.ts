import { Refusal } from "#drive/refusal.js";
import type { Gate } from "./admit.js";
import { contract, methodOf } from "./contract.js";
import { decodeMessage } from "./decode.js";
import type { MethodDescriptor } from "./descriptors.js";
import { type Behind, dispatch } from "./dispatch.js";
import { encodeMessage, type Json } from "./encode.js";
import { serveDriveHandlers } from "./handlers/drive-service.js";
import type { Handler } from "./handlers/handler.js";
import { serveInstanceHandlers } from "./handlers/instance-service.js";
import type { CallerCall } from "./policy/caller.js";
import { redactMessage } from "./redact.js";

/** One method as the bus offers it. */
export interface JsonMethod {
  /** snake_case: `populate_volume`. */
  readonly name: string;
  /** The version of the target that brought it. */
  readonly since: string;
  /** Carries it out; arguments and result are the proto3 JSON form. Throws `Refusal`. */
  call(args: unknown, call: CallerCall): Promise<Json>;
  /** The arguments as a log may show them, without secrets; throws `Refusal` where they do not fit. */
  redact(args: unknown): Json;
}

/** The contract for a caller that speaks JSON: every unary method, in snake_case. */
export interface JsonDoor {
  /** The version of the bus target, `1.x`. */
  readonly version: string;
  readonly methods: ReadonlyMap<string, JsonMethod>;
  /** Calls a method by name. @throws Refusal METHOD_UNKNOWN and all that the method throws */
  callJson(method: string, args: unknown, call: CallerCall): Promise<Json>;
}

/** Opens the JSON door onto the use cases. */
export function jsonDoor({ drives, ...gate }: Behind): JsonDoor {
  const served = [
    ...serveDriveHandlers((name, handler) => jsonMethod(methodOf(name), handler, drives, gate)),
    ...serveInstanceHandlers((name, handler) => jsonMethod(methodOf(name), handler, drives.instances, gate)),
  ];
  const methods = new Map(served.map((method) => [method.name, method]));
  return {
    version: contract().version,
    methods,
    async callJson(name, args, call) {
      const method = methods.get(name);
      if (method === undefined) {
        throw new Refusal("METHOD_UNKNOWN", `Endpoint does not support RPC method ${name}`, {
          metadata: { method: name },
        });
      }
      return method.call(args, call);
    },
  };
}

function jsonMethod<Request extends object, Response extends object, On>(
  method: MethodDescriptor,
  handler: Handler<Request, Response, On>,
  on: On,
  gate: Gate,
): JsonMethod {
  return {
    name: method.busName,
    since: method.since,
    async call(args, call) {
      const request = decodeMessage<Request>(method.request, args);
      return encodeMessage(method.response, await dispatch(method, handler, on, gate, request, call));
    },
    redact: (args) => redactMessage(method.request, decodeMessage(method.request, args)),
  };
}
