import { setImmediate } from "node:timers/promises";
import type { handleClientStreamingCall, ServerReadableStream } from "@grpc/grpc-js";
import { admit, type CountBytes } from "#api/admit.js";
import { methodOf } from "#api/contract.js";
import { subjectOf } from "#api/subject.js";
import type { Call, DriveUseCases } from "#drive/use-cases.js";
import type { DriveServiceOptions } from "./drive-service.js";
import { serveCall } from "./served-call.js";
import { serviceError } from "./status.js";

/** Serves one method that takes a stream of requests. Throws `Refusal`. */
export type IntakeHandler<Request, Response> = (
  drives: DriveUseCases,
  requests: AsyncIterable<Request>,
  call: Call,
  countBytes: CountBytes,
) => Promise<Response>;

/** A method on gRPC that takes a stream: messages are read as fast as the handler takes them. */
export function clientStream<Request, Response extends object>(
  name: string,
  handler: IntakeHandler<Request, Response>,
  serving: DriveServiceOptions,
): handleClientStreamingCall<Request, Response> {
  const { drives, inFlight } = serving;
  const method = methodOf(name);
  return (stream, callback) =>
    serveCall(
      stream,
      method,
      inFlight.signal,
      serving,
      async (call) => {
        const countBytes = admit(serving, method, {}, call);
        // Whoever waits for the next message learns so that none will come.
        call.signal.addEventListener("abort", () => stream.destroy(), { once: true });
        call.signal.throwIfAborted();
        const response = await handler(drives, messagesOf(stream, call.signal), call, countBytes);
        call.about?.(subjectOf(method.response, response));
        return response;
      },
      { done: (response) => callback(null, response), failed: (error) => callback(serviceError(error)) },
    );
}

/**
 * The messages of a stream; throws the signal's reason when it was broken off. In Node an HTTP/2 stream that the peer resets ends
 * like one that is complete, and closes in the same turn of the event loop: only what is still open in the next one ended well.
 */
async function* messagesOf<Request, Response>(
  stream: ServerReadableStream<Request, Response>,
  signal: AbortSignal,
): AsyncGenerator<Request> {
  // What is refused half-way is answered on the same stream, so it must outlive the loop over its messages.
  const messages: AsyncIterable<Request> = stream.iterator({ destroyOnReturn: false });
  for await (const message of messages) yield message;
  await setImmediate();
  signal.throwIfAborted();
}
