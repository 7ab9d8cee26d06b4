import { type handleUnaryCall, Metadata } from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import { dispatch } from "#api/dispatch.js";
import type { Handler } from "#api/handlers/handler.js";
import type { Policy } from "#api/policy/policy.js";
import { Refusal } from "#drive/refusal.js";
import { callOf, untilAborted } from "./call.js";
import type { CallsInFlight } from "./calls-in-flight.js";
import { REQUEST_ID } from "./request-id.js";
import { serviceError } from "./status.js";

/** What is told of each call when it is over. `error` is what was thrown, if anything. */
export interface CallRecord {
  readonly method: string;
  readonly openstackRequestId: string;
  readonly projectId: string;
  readonly error?: unknown;
}

/** What serving any call takes. */
export interface Serving {
  readonly policy: Policy;
  readonly inFlight: CallsInFlight;
  /** Makes a request id (`req-` and a UUID) for a call that brings none. */
  readonly newRequestId: () => string;
  readonly observe: (record: CallRecord) => void;
}

/** One unary method on gRPC: its limits, its handler, its answer or its refusal. */
export function unary<Q extends object, S, On>(
  name: string,
  handler: Handler<Q, S, On>,
  on: On,
  { policy, inFlight, newRequestId, observe }: Serving,
): handleUnaryCall<Q, S> {
  const method = methodOf(name);
  return (grpcCall, callback) => {
    const call = callOf(grpcCall, newRequestId, inFlight.signal);
    const { openstackRequestId, projectId } = call;
    const head = new Metadata();
    head.set(REQUEST_ID, openstackRequestId);
    grpcCall.sendMetadata(head);
    const record = { method: method.name, openstackRequestId, projectId };
    const answer = async () => {
      if (inFlight.draining) throw new Refusal("SHUTTING_DOWN", "the service is stopping and takes no new calls");
      return untilAborted(dispatch(method, handler, on, policy, grpcCall.request, call), call.signal);
    };
    inFlight.track(
      answer().then(
        (response) => {
          observe(record);
          callback(null, response);
        },
        (error: unknown) => {
          observe({ ...record, error });
          callback(serviceError(error));
        },
      ),
    );
  };
}
