import { type IncomingMessage, Agent as PlainAgent, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import { authorities, exchange, KeptAgent, textOf } from "../http-exchange.js";

/** Where an Ironic is, and who vouches for it. */
export interface Endpoint {
  /** Up to and without the version, such as `https://controller:6385`. */
  readonly url: string;
  /** The certificates of those who may vouch for it, in PEM; unset: those that Node.js knows. Read once. */
  readonly caFile?: string;
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
  readonly #agent = new KeptAgent(() => this.#open());

  constructor(private readonly endpoint: Endpoint) {
    this.#url = endpoint.url.replace(/\/+$/, "");
    this.#secure = new URL(this.#url).protocol === "https:";
  }

  /** One request. Throws Unreachable, and the signal's reason. */
  async send({ method, path, headers, body }: Exchange, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const agent = await this.#agent.opened();
    const request = this.#secure ? requestHttps : requestHttp;
    const length = Buffer.byteLength(body);
    const options = { agent, method, signal, headers: { ...headers, "content-length": length } };
    const outgoing = request(new URL(this.#url + path), options);
    const read = async (incoming: IncomingMessage) => {
      return { status: incoming.statusCode ?? 0, text: await textOf(incoming, MAX_ANSWER_BYTES) };
    };
    return await exchange(outgoing, () => outgoing.end(body), read, signal);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #open(): Promise<PlainAgent> {
    if (!this.#secure) return new PlainAgent({ keepAlive: true });
    return new TlsAgent({ keepAlive: true, minVersion: "TLSv1.2", ...(await authorities(this.endpoint.caFile)) });
  }
}
