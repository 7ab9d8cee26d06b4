import { once } from "node:events";
import { type handleServerStreamingCall, Metadata } from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import { checkLimits } from "#api/limits.js";
import { authorize } from "#api/policy/authorize.js";
import type { Call, DriveUseCases } from "#drive/use-cases.js";
import { callOf } from "./call.js";
import type { DriveServiceOptions } from "./drive-service.js";
import { REQUEST_ID } from "./request-id.js";
import { serviceError } from "./status.js";

/** Serves one method with a stream of answers. Throws `Refusal`. */
export type StreamHandler<Request, Response> = (
  drives: DriveUseCases,
  request: Request,
  call: Call,
) => AsyncIterable<Response>;

/**
 * A method on gRPC whose answer is a stream: it ends when the handler ends, when the caller goes away, or when `stopped` aborts.
 * A caller that does not read holds up its own stream and nothing else.
 */
export function serverStream<Request extends object, Response>(
  name: string,
  handler: StreamHandler<Request, Response>,
  stopped: AbortSignal,
  { drives, policy, inFlight, newRequestId, observe }: DriveServiceOptions,
): handleServerStreamingCall<Request, Response> {
  const method = methodOf(name);
  return (stream) => {
    const call = callOf(stream, newRequestId, stopped);
    const { openstackRequestId, projectId } = call;
    const head = new Metadata();
    head.set(REQUEST_ID, openstackRequestId);
    stream.sendMetadata(head);
    const record = { method: method.name, openstackRequestId, projectId };
    const tell = async () => {
      inFlight.closing.throwIfAborted();
      authorize(policy, method, stream.request, call);
      checkLimits(method.request, stream.request);
      call.signal.throwIfAborted();
      for await (const message of handler(drives, stream.request, call)) {
        if (!stream.write(message)) await once(stream, "drain", { signal: call.signal });
      }
    };
    inFlight.track(
      tell().then(
        () => {
          observe(record);
          stream.end();
        },
        (error: unknown) => {
          const why = call.signal.aborted ? call.signal.reason : error;
          observe({ ...record, error: why });
          stream.emit("error", serviceError(why));
        },
      ),
    );
  };
}
