import type { ClientUnaryCall, Metadata, ServiceError } from "@grpc/grpc-js";
import { type ClientCall, headersOf, optionsOf } from "./client-call.js";
import { RemoteError } from "./remote-error.js";

type Unary<Q, S> = (
  request: Q,
  metadata: Metadata,
  options: { deadline?: Date },
  callback: (error: ServiceError | null, response: S) => void,
) => ClientUnaryCall;

/** One unary call as a promise: every failure is a `RemoteError`. */
export function unary<Q, S>(method: Unary<Q, S>, request: Q, call: ClientCall = {}): Promise<S> {
  call.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const running = method(request, headersOf(call), optionsOf(call), (error, response) => {
      call.signal?.removeEventListener("abort", cancel);
      if (error === null) resolve(response);
      else reject(new RemoteError(error));
    });
    const cancel = () => running.cancel();
    call.signal?.addEventListener("abort", cancel, { once: true });
  });
}
