import { readFile } from "node:fs/promises";
import { Agent as PlainAgent, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import type { Readable } from "node:stream";

/** Where an Ironic is, and who vouches for it. */
export interface Endpoint {
  /** Up to and without the version, such as `https://controller:6385`. */
  readonly url: string;
  /** The certificates of those who may vouch for it, in PEM; unset: those that Node.js knows. Read once. */
  readonly caFile?: string;
}

/** Nobody answered there, or not who should. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** One HTTP request. */
export interface Exchange {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the endpoint, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A node's description; with it a config drive, where an operator's policy lets that be seen. */
const MAX_ANSWER_BYTES = 96 * 1024 * 1024;

/** HTTP to one Ironic, on connections that are kept. */
export class Line {
  readonly #url: string;
  readonly #secure: boolean;
  #agent: Promise<PlainAgent> | undefined;

  constructor(private readonly endpoint: Endpoint) {
    this.#url = endpoint.url.replace(/\/+$/, "");
    this.#secure = new URL(this.#url).protocol === "https:";
  }

  /** One request. Throws Unreachable, and the signal's reason. */
  async send({ method, path, headers, body }: Exchange, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const agent = await this.#opened();
    const answered = Promise.withResolvers<Answer>();
    const request = this.#secure ? requestHttps : requestHttp;
    const length = Buffer.byteLength(body);
    const options = { agent, method, signal, headers: { ...headers, "content-length": length } };
    const outgoing = request(new URL(this.#url + path), options, (incoming) => {
      collect(incoming).then((text) => answered.resolve({ status: incoming.statusCode ?? 0, text }), answered.reject);
    });
    outgoing.once("error", answered.reject);
    try {
      outgoing.end(body);
      return await answered.promise;
    } catch (error) {
      outgoing.destroy();
      if (signal.aborted) throw signal.reason;
      throw error instanceof Unreachable ? error : new Unreachable(describe(error), { cause: error });
    }
  }

  async close(): Promise<void> {
    (await this.#agent?.catch(() => undefined))?.destroy();
  }

  async #opened(): Promise<PlainAgent> {
    this.#agent ??= this.#open();
    try {
      return await this.#agent;
    } catch (error) {
      this.#agent = undefined;
      throw error;
    }
  }

  async #open(): Promise<PlainAgent> {
    if (!this.#secure) return new PlainAgent({ keepAlive: true });
    const { caFile } = this.endpoint;
    try {
      const ca = caFile === undefined ? {} : { ca: await readFile(caFile) };
      return new TlsAgent({ keepAlive: true, minVersion: "TLSv1.2", ...ca });
    } catch (error) {
      throw new Unreachable(`its CA file cannot be read: ${describe(error)}`, { cause: error });
    }
  }
}

async function collect(incoming: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Unreachable(`it answers with more than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error instanceof AggregateError && error.message === "") return code ?? "no address of it answers";
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
