import { setTimeout as pause } from "node:timers/promises";
import { Unreachable } from "../http-exchange.js";
import { authorize, type Credentials } from "./credentials.js";
import type { Answer, Exchange, Line } from "./line.js";

/** An error that Ironic answered. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** An answer that is none of Ironic's. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** How long is waited, in milliseconds. */
export interface Patience {
  /** For each answer. */
  readonly answerMs: number;
  /** For a node that somebody else holds locked, and for a conductor that has no time. */
  readonly lockMs: number;
}

/**
 * A rebuild takes a config drive from 1.35 on, and protected nodes are shown from 1.48 on: Ironic 12.1, OpenStack Stein
 * (Ironic's "REST API Version History").
 */
const VERSION = "1.48";
/** Pauses between two tries. */
const FIRST_MS = 100;
const LAST_MS = 2000;

/** Ironic's REST API, with who calls, and with the patience that its locks ask for. */
export class Api {
  constructor(
    private readonly line: Line,
    private readonly credentials: Credentials,
    private readonly patience: Patience,
  ) {}

  /**
   * One call; what Ironic does not do now (409: the node is locked; 503: no conductor has time for it) is asked again until
   * the time for that is over. Gives the answer's JSON, `undefined` for none. Throws ApiError, Unreachable, AnswerError, and the signal's reason.
   * A change that was sent is waited for also where the caller gives up: whoever takes it back has to come after it.
   * @param version - of the API, where the call needs a newer one
   */
  async call(
    method: Exchange["method"],
    path: string,
    body: unknown,
    signal: AbortSignal,
    version = VERSION,
  ): Promise<unknown> {
    const until = performance.now() + this.patience.lockMs;
    for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LAST_MS)) {
      const answer = await this.#authorized(method, path, body, version, signal);
      if (answer.status >= 200 && answer.status < 300) return parsed(answer);
      const error = new ApiError(answer.status, messageIn(answer));
      if ((answer.status !== 409 && answer.status !== 503) || performance.now() + wait >= until) throw error;
      await pause(wait, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    await this.line.close();
  }

  /** With a token that Ironic no longer takes, once more with the next one. */
  async #authorized(
    method: Exchange["method"],
    path: string,
    body: unknown,
    version: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const { headers, forget } = await authorize(this.credentials, signal);
      const answer = await this.#send(
        method,
        path,
        { ...headers, "x-openstack-ironic-api-version": version },
        body,
        signal,
      );
      if (answer.status !== 401 || forget === undefined || attempt === 2) return answer;
      forget();
    }
  }

  async #send(
    method: Exchange["method"],
    path: string,
    particular: Readonly<Record<string, string>>,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { answerMs } = this.patience;
    const limit = AbortSignal.timeout(answerMs);
    const headers = {
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": "configdrive-bridge",
      ...particular,
    };
    const text = body === undefined ? "" : JSON.stringify(body);
    signal.throwIfAborted();
    const end = method === "GET" ? AbortSignal.any([signal, limit]) : limit;
    try {
      return await this.line.send({ method, path, headers, body: text }, end);
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error;
      throw new Unreachable(`it did not answer ${method} ${pathOnly(path)} within ${answerMs} ms`, { cause: error });
    }
  }
}

function parsed({ text }: Answer): unknown {
  if (text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new AnswerError("it is no JSON", { cause: error });
  }
}

/** Ironic's own words (`error_message.faultstring`, in older releases as JSON within JSON), or what is there instead of them. */
function messageIn({ status, text }: Answer): string {
  const words = faultIn(text);
  return words === undefined ? `status ${status}` : `${words.slice(0, 500)} (status ${status})`;
}

function faultIn(text: string, depth = 0): string | undefined {
  try {
    let value: unknown = JSON.parse(text);
    for (const key of ["error_message", "error", "faultstring", "message"]) {
      if (typeof value === "object" && value !== null && key in value) value = Reflect.get(value, key);
    }
    if (typeof value !== "string") return undefined;
    return value.startsWith("{") && depth === 0 ? (faultIn(value, 1) ?? value) : value;
  } catch {
    return undefined;
  }
}

function pathOnly(path: string): string {
  return path.split("?")[0] ?? path;
}
