import { once } from "node:events";
import type { handleServerStreamingCall } from "@grpc/grpc-js";
import { admit } from "#api/admit.js";
import { methodOf } from "#api/contract.js";
import { checkLimits } from "#api/limits.js";
import { subjectOf } from "#api/subject.js";
import type { Call, DriveUseCases } from "#drive/use-cases.js";
import type { DriveServiceOptions } from "./drive-service.js";
import { serveCall } from "./served-call.js";
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
  serving: DriveServiceOptions,
): handleServerStreamingCall<Request, Response> {
  const { drives } = serving;
  const method = methodOf(name);
  return (stream) =>
    serveCall(
      stream,
      method,
      stopped,
      serving,
      async (call) => {
        call.about?.(subjectOf(method.request, stream.request));
        admit(serving, method, stream.request, call);
        checkLimits(method.request, stream.request);
        call.signal.throwIfAborted();
        for await (const message of handler(drives, stream.request, call)) {
          if (!stream.write(message)) await once(stream, "drain", { signal: call.signal });
        }
      },
      { done: () => stream.end(), failed: (error) => stream.emit("error", serviceError(error)) },
    );
}
