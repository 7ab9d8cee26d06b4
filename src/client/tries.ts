import type { ClientCall } from "#grpc/client.js";
import { RemoteError } from "#grpc/remote-error.js";
import { type CallIds, type ConfigDriveError, fromRemote } from "./error.js";
import type { CallOptions, ConnectOptions } from "./options.js";
import type { Surroundings } from "./surroundings.js";

/** A wait grows by this much each time, up to `LONGEST` times the first one. */
const GROWTH = 1.5;
const LONGEST = 20;

/** One call with its ids, its end, and what it does about refusals that may pass. */
export class Tries {
  readonly ids: CallIds;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #retry: boolean;
  #failures = 0;

  /** @param endless - without a deadline unless the call itself has one */
  constructor(
    readonly connection: ConnectOptions,
    readonly options: CallOptions,
    requestId: string,
    private readonly surroundings: Surroundings,
    { endless = false } = {},
  ) {
    const { deadline, timeoutMs = endless ? Number.POSITIVE_INFINITY : (connection.timeoutMs ?? 60_000) } = options;
    this.ids = { requestId, openstackRequestId: options.openstackRequestId ?? `req-${surroundings.newId()}` };
    this.#deadline = deadline?.getTime() ?? surroundings.now() + timeoutMs;
    this.#signal = options.signal;
    this.#retry = options.retry ?? connection.retry ?? true;
  }

  /** What one try is made with. Throws the signal's reason, and what the token's function throws. */
  async how(): Promise<ClientCall> {
    this.#signal?.throwIfAborted();
    const { token } = this.connection;
    const shown = typeof token === "function" ? await token() : token;
    const projectId = this.options.projectId ?? this.connection.projectId;
    return {
      openstackRequestId: this.ids.openstackRequestId,
      ...(Number.isFinite(this.#deadline) ? { deadline: new Date(this.#deadline) } : {}),
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      ...(projectId === undefined ? {} : { projectId }),
      ...(shown === undefined ? {} : { token: shown }),
    };
  }

  /** Tries until it succeeds, is refused for good, or the time is over. Throws `ConfigDriveError`, or the signal's reason. */
  async run<T>(attempt: (how: ClientCall) => Promise<T>): Promise<T> {
    for (;;) {
      const how = await this.how();
      try {
        return await attempt(how);
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  /** Ends when it may be tried again; throws what the caller gets where it may not. */
  async failed(error: unknown): Promise<void> {
    this.#signal?.throwIfAborted();
    if (!(error instanceof RemoteError)) throw error;
    const refused = fromRemote(error, this.ids);
    const wait = this.#waitAfter(refused);
    if (wait === undefined) throw refused;
    this.#failures += 1;
    await this.surroundings.wait(wait, this.#signal);
  }

  /** The next failure is the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Longer each time, and not all callers at once; unset: it is not tried again, or there is no time for it. */
  #waitAfter({ retryAfterMs }: ConfigDriveError): number | undefined {
    if (!this.#retry || retryAfterMs === undefined) return undefined;
    const { now, random } = this.surroundings;
    const wait = retryAfterMs * Math.min(GROWTH ** this.#failures, LONGEST) * (1 + random() / 4);
    return now() + wait < this.#deadline ? wait : undefined;
  }
}
