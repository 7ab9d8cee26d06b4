import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Refusal } from "#drive/refusal.js";
import type { KeystoneSettings } from "./settings.js";

/** An answer of Keystone's. */
export interface KeystoneAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON; `undefined` where it is none. */
  readonly body: unknown;
}

/** A token with a large catalog has some 50 KiB; we ask for none. */
const MOST_BYTES = 1024 * 1024;

/**
 * One request to Keystone's API, version 3.
 * @param path - below `/v3`
 * @throws Refusal KEYSTONE_UNREACHABLE when no whole answer comes in time, or one that says that Keystone is not well (5xx, 429)
 */
export async function exchange(
  settings: KeystoneSettings,
  method: "GET" | "POST",
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Promise<KeystoneAnswer> {
  const signal = AbortSignal.timeout(settings.answerMs);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const url = new URL(baseOf(settings.authUrl) + path);
    const options = {
      method,
      signal,
      headers: { accept: "application/json", "user-agent": "configdrive-bridge", ...headers },
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    };
    const outgoing = url.protocol === "https:" ? requestHttps(url, options) : requestHttp(url, options);
    outgoing.on("response", resolve).on("error", reject);
    if (body === undefined) outgoing.end();
    else outgoing.setHeader("content-type", "application/json").end(JSON.stringify(body));
    const answer = await promise;
    const status = answer.statusCode ?? 0;
    const text = await textOf(answer);
    if (status >= 500 || status === 429) throw new Error(`it answered ${status}`);
    return { status, headers: answer.headers, body: parsed(text) };
  } catch (error) {
    const why = signal.aborted ? `no answer came within ${settings.answerMs} ms` : messageOf(error);
    throw new Refusal("KEYSTONE_UNREACHABLE", `Keystone at ${settings.authUrl}: ${why}`, { cause: error });
  }
}

/** The URL up to and with the version. */
function baseOf(authUrl: string): string {
  const url = authUrl.replace(/\/+$/, "");
  return url.endsWith("/v3") ? url : `${url}/v3`;
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
