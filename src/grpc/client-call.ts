import { once } from "node:events";
import { type ClientReadableStream, type ClientWritableStream, Metadata, type ServiceError } from "@grpc/grpc-js";
import { RemoteError } from "./remote-error.js";
import { AUTH_TOKEN, PROJECT_ID, REQUEST_ID } from "./request-id.js";

/** How one call is made. */
export interface ClientCall {
  /** When to stop waiting. The operation goes on, and the same request id rejoins it. */
  readonly deadline?: Date;
  readonly signal?: AbortSignal;
  readonly projectId?: string;
  readonly openstackRequestId?: string;
  /** Of Keystone: who calls. */
  readonly token?: string;
}

type Options = { deadline?: Date };
type Intake<Q, S> = (
  metadata: Metadata,
  options: Options,
  callback: (error: ServiceError | null, response: S) => void,
) => ClientWritableStream<Q>;
type Outflow<Q, S> = (request: Q, metadata: Metadata, options: Options) => ClientReadableStream<S>;

/** The headers that a call carries. */
export function headersOf({ projectId, openstackRequestId, token }: ClientCall): Metadata {
  const metadata = new Metadata();
  if (projectId !== undefined) metadata.set(PROJECT_ID, projectId);
  if (openstackRequestId !== undefined) metadata.set(REQUEST_ID, openstackRequestId);
  if (token !== undefined) metadata.set(AUTH_TOKEN, token);
  return metadata;
}

/** Sends messages as fast as the service takes them. Rejects with `RemoteError`; what the messages throw ends the call. */
export async function sendStream<Q, S>(
  method: Intake<Q, S>,
  messages: AsyncIterable<Q>,
  call: ClientCall = {},
): Promise<S> {
  call.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  promise.catch(() => undefined);
  const ended = new AbortController();
  const stream = method(headersOf(call), optionsOf(call), (error, response) => {
    ended.abort();
    if (error === null) resolve(response);
    else reject(new RemoteError(error));
  });
  stream.on("error", () => ended.abort());
  const cancel = () => stream.cancel();
  call.signal?.addEventListener("abort", cancel, { once: true });
  const send = async () => {
    for await (const message of messages) {
      if (ended.signal.aborted) break;
      if (!stream.write(message)) await once(stream, "drain", { signal: ended.signal }).catch(() => undefined);
    }
    stream.end();
    return await promise;
  };
  try {
    // The answer may come before the messages end: a refusal does not wait for the next one.
    return await Promise.race([promise, send()]);
  } catch (error) {
    stream.cancel();
    throw error;
  } finally {
    call.signal?.removeEventListener("abort", cancel);
  }
}

/** The messages of an answer that is a stream. Throws `RemoteError`; whoever stops early ends the call. */
export async function* receiveStream<Q, S>(
  method: Outflow<Q, S>,
  request: Q,
  call: ClientCall = {},
): AsyncGenerator<S> {
  call.signal?.throwIfAborted();
  const stream = method(request, headersOf(call), optionsOf(call));
  const cancel = () => stream.cancel();
  call.signal?.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of stream) yield message;
  } catch (error) {
    throw isServiceError(error) ? new RemoteError(error) : error;
  } finally {
    call.signal?.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

/** What grpc-js is told of a call. */
export function optionsOf({ deadline }: ClientCall): Options {
  return deadline === undefined ? {} : { deadline };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
