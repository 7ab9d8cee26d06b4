import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exchange, retryAfterMs, textOf, Unreachable } from "../http-exchange.js";

/** One HTTP request. */
export interface Exchange {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string | Readable;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** How long to wait before the next request, where it says so. */
  readonly retryAfterMs: number | undefined;
}

/** Most of what a list of a project's volumes of one name, or a description of a server, may have. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * One HTTP request to a service of OpenStack. Throws Unreachable, and the signal's reason.
 * @param ca - who may vouch for the service; unset: those that Node.js knows
 * @param limitMs - until the whole answer is there
 */
export async function send(
  { method, url, headers, body }: Exchange,
  ca: Buffer | undefined,
  limitMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const { origin, protocol } = new URL(url);
  const trust = ca === undefined ? {} : { ca };
  // No connection is kept: a service that closes one just then would leave open whether it did what it was asked.
  const options = { agent: false, method, headers, signal: AbortSignal.any([signal, limit]), ...trust } as const;
  const outgoing = protocol === "https:" ? requestHttps(url, options) : requestHttp(url, options);
  const begin = (failed: (error: unknown) => void) => {
    if (body === undefined || typeof body === "string") outgoing.end(body);
    // What is wrong with the body, such as a file that ends early, ends the request.
    else pipeline(body, outgoing).catch(failed);
  };
  const read = async (incoming: IncomingMessage) => {
    const { statusCode: status = 0 } = incoming;
    return { status, text: await textOf(incoming, MAX_ANSWER_BYTES), retryAfterMs: retryAfterMs(incoming) };
  };
  try {
    return await exchange(outgoing, begin, read, signal);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const why = limit.aborted ? `no answer to ${method} came within ${limitMs} ms` : error.message;
    throw new Unreachable(`${origin}: ${why}`, { cause: error });
  }
}
