import { type IncomingMessage, request } from "node:http";
import { z } from "zod";
import { exchange, textOf, Unreachable } from "../http-exchange.js";

/** An error that LXD answered (REST API, "Error"). */
export class LxdError extends Error {
  override readonly name = "LxdError";
  constructor(
    /** HTTP's status, or that of the operation that failed. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What LXD answered: `metadata`, and the state's ETag. */
export interface LxdAnswer {
  readonly metadata: unknown;
  readonly etag: string | undefined;
}

const answerForm = z.object({
  type: z.enum(["sync", "async", "error"]),
  operation: z.string().optional(),
  error: z.string().optional(),
  error_code: z.int().optional(),
  metadata: z.unknown(),
});

const operationForm = z.object({ status_code: z.int(), err: z.string().default("") });

/** An operation that has come to its end as it should (REST API, "Status codes"). */
const SUCCESS = 200;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** LXD's REST API at its unix socket; Incus has the same under the same paths. */
export class LxdApi {
  /** @param answerMs - for each answer, and for the end of an operation that a change began */
  constructor(
    private readonly socket: string,
    readonly answerMs: number,
  ) {}

  /** Reads something. Throws LxdError, Unreachable, and the signal's reason. */
  async get(path: string, signal: AbortSignal): Promise<LxdAnswer> {
    return await this.#send("GET", path, undefined, {}, signal);
  }

  /** Changes something, unless it has changed since it was read (412), and waits for the operation that does it. */
  async change(
    method: "PUT" | "PATCH",
    path: string,
    body: unknown,
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const headers: Record<string, string> = etag === undefined ? {} : { "if-match": etag };
    const { operation } = await this.#send(method, path, body, headers, signal);
    if (operation === undefined) return;
    const { metadata } = await this.get(`${operation}/wait`, signal);
    const { status_code: status, err } = operationForm.parse(metadata);
    if (status !== SUCCESS) throw new LxdError(status, err);
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<LxdAnswer & { readonly operation?: string }> {
    const limit = AbortSignal.timeout(this.answerMs);
    try {
      const text = body === undefined ? "" : JSON.stringify(body);
      const sent = { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const options = {
        socketPath: this.socket,
        path,
        method,
        headers: sent,
        signal: AbortSignal.any([signal, limit]),
      };
      const outgoing = request(options);
      const read = async (incoming: IncomingMessage) => {
        return { text: await textOf(incoming, MAX_ANSWER_BYTES), etag: incoming.headers.etag };
      };
      const answered = await exchange(outgoing, () => outgoing.end(text), read, options.signal);
      const answer = answerForm.parse(JSON.parse(answered.text));
      if (answer.type === "error") throw new LxdError(answer.error_code ?? 0, answer.error ?? "");
      const operation = answer.type === "async" ? answer.operation : undefined;
      return {
        metadata: answer.metadata,
        etag: answered.etag,
        ...(operation === undefined ? {} : { operation }),
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (limit.aborted) throw new Unreachable(`it did not answer within ${this.answerMs} ms`, { cause: error });
      throw error;
    }
  }
}
