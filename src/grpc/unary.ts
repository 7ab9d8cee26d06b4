import type { handleUnaryCall } from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import { dispatch } from "#api/dispatch.js";
import type { Handler } from "#api/handlers/handler.js";
import { untilAborted } from "./call.js";
import { type Serving, serveCall } from "./served-call.js";
import { serviceError } from "./status.js";

/** One unary method on gRPC: its limits, its handler, its answer or its refusal. */
export function unary<Q extends object, S extends object, On>(
  name: string,
  handler: Handler<Q, S, On>,
  on: On,
  serving: Serving,
): handleUnaryCall<Q, S> {
  const method = methodOf(name);
  return (grpcCall, callback) =>
    serveCall(
      grpcCall,
      method,
      serving.inFlight.signal,
      serving,
      (call) => untilAborted(dispatch(method, handler, on, serving, grpcCall.request, call), call.signal),
      { done: (response) => callback(null, response), failed: (error) => callback(serviceError(error)) },
    );
}
