import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** A request to an API of OpenStack's. */
export interface JsonRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Certificates of authorities to trust in place of the system's, in PEM. */
  readonly ca?: Buffer | undefined;
  /** Longest wait for the whole answer, in milliseconds. */
  readonly answerMs: number;
  /** Ends the wait before that. */
  readonly signal?: AbortSignal;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON; `undefined` where it is none. */
  readonly body: unknown;
}

/** What is asked for here has some kilobytes. */
const MOST_BYTES = 1024 * 1024;

/**
 * Sends one request and reads the whole answer.
 * @throws Error when no whole answer comes in time, or one that says that the other side is not well (5xx, 429)
 */
export async function jsonRequest(asked: JsonRequest): Promise<JsonAnswer> {
  const late = AbortSignal.timeout(asked.answerMs);
  const signal = asked.signal === undefined ? late : AbortSignal.any([late, asked.signal]);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const url = new URL(asked.url);
    const options = {
      method: asked.method,
      signal,
      headers: { accept: "application/json", "user-agent": "configdrive-bridge", ...asked.headers },
      ...(asked.ca === undefined ? {} : { ca: asked.ca }),
    };
    const outgoing = url.protocol === "https:" ? requestHttps(url, options) : requestHttp(url, options);
    outgoing.on("response", resolve).on("error", reject);
    if (asked.body === undefined) outgoing.end();
    else outgoing.setHeader("content-type", "application/json").end(JSON.stringify(asked.body));
    const answer = await promise;
    const status = answer.statusCode ?? 0;
    const text = await textOf(answer);
    if (status >= 500 || status === 429) throw new Error(`it answered ${status}`);
    return { status, headers: answer.headers, body: parsed(text) };
  } catch (error) {
    asked.signal?.throwIfAborted();
    if (late.aborted) throw new Error(`no answer came within ${asked.answerMs} ms`, { cause: error });
    throw error;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
