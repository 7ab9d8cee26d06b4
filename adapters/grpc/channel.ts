import { type ChannelOptions, Client, credentials, Metadata, type MethodDefinition } from "@grpc/grpc-js";
import { refusalFromSignal } from "../wait-ended.js";
import { AnswerError } from "./messages.js";
import { refusalFrom } from "./refusals.js";

/** For whom a call is made, and how long it is waited for. */
export interface Use {
  readonly instanceId: string;
  readonly signal: AbortSignal;
}

/**
 * An adapter that is being restarted is away for a moment. Every method may run again, so a call that found nobody is made
 * again, over about a second (gRPC A6, client retries), and the connection is tried as often.
 */
const OPTIONS: ChannelOptions = {
  "grpc.service_config": JSON.stringify({
    methodConfig: [
      {
        name: [{ service: "configdrive.adapter.v1.AdapterService" }],
        retryPolicy: {
          maxAttempts: 5,
          initialBackoff: "0.1s",
          maxBackoff: "0.5s",
          backoffMultiplier: 2,
          retryableStatusCodes: ["UNAVAILABLE"],
        },
      },
    ],
  }),
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 500,
  // The adapter is on this machine: no proxy of the environment stands between.
  "grpc.enable_http_proxy": 0,
};

/** The connection to an adapter's process. It comes up by itself, and again when the process was away. */
export class Channel {
  readonly #client: Client;

  /**
   * @param target - `unix:/path` or `host:port`
   * @param answerMs - for each call
   */
  constructor(
    target: string,
    private readonly answerMs: number,
  ) {
    this.#client = new Client(target, credentials.createInsecure(), OPTIONS);
  }

  /**
   * One call, within `answerMs`; the adapter is told of that deadline, and of a caller who gives up.
   * Refuses with the adapter's reason, and with HYPERVISOR_UNREACHABLE where it does not answer.
   * @param requestUntil - makes the request, given the moment from which nobody waits for its answer
   */
  async call<Q, S>(method: MethodDefinition<Q, S>, requestUntil: (expiresAt: Date) => Q, use: Use): Promise<S> {
    const { instanceId, signal } = use;
    const name = methodName(method);
    const givenUp = () => refusalFromSignal(signal, `${name} for instance ${instanceId}`);
    if (signal.aborted) throw givenUp();
    const deadline = new Date(Date.now() + this.answerMs);
    const { promise, resolve, reject } = Promise.withResolvers<S>();
    const running = this.#client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      requestUntil(deadline),
      new Metadata(),
      { deadline },
      (error, response) => {
        if (error !== null) reject(error);
        else if (response === undefined) reject(new AnswerError("it is empty"));
        else resolve(response);
      },
    );
    const cancel = () => running.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await promise;
    } catch (error) {
      throw signal.aborted ? givenUp() : refusalFrom(error, name, instanceId);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  close(): void {
    this.#client.close();
  }
}

/** The method's name without its service. */
export function methodName({ path }: Pick<MethodDefinition<unknown, unknown>, "path">): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
