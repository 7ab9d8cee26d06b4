import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { isIP } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect } from "node:tls";
import { authorities, exchange, KeptAgent, textOf, Unreachable } from "../http-exchange.js";

/** Where a vCenter is, and how it proves that it is itself. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The certificates of those who may vouch for it, in PEM; unset: those that Node.js knows. Read once. */
  readonly caFile?: string;
  /** The SHA-256 of its certificate, in hexadecimal: then nobody needs to vouch for it. */
  readonly thumbprint?: string;
}

/** One HTTP request. */
export interface Exchange {
  readonly method: "POST" | "PUT" | "GET";
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | Readable;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly text: string;
}

/** An answer is a description of one machine at most. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** HTTP over TLS to one vCenter, on connections that are kept. */
export class Line {
  readonly #agent = new KeptAgent(() => this.#open());

  constructor(readonly endpoint: Endpoint) {}

  /** One request. Throws Unreachable, and the signal's reason. */
  async send({ method, path, headers, body }: Exchange, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const { host, port } = this.endpoint;
    const agent = await this.#agent.opened();
    const outgoing = request({ agent, host, port, method, path, headers, signal });
    const send = (failed: (error: unknown) => void) => {
      if (typeof body === "string") outgoing.end(body);
      // What is wrong with the body, such as a file that ends early, ends the request.
      else pipeline(body, outgoing).catch(failed);
    };
    const read = async (incoming: IncomingMessage) => {
      const { statusCode: status = 0, headers: told } = incoming;
      return { status, cookies: told["set-cookie"] ?? [], text: await textOf(incoming, MAX_ANSWER_BYTES) };
    };
    return await exchange(outgoing, send, read, signal);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #open(): Promise<Agent> {
    const { host, caFile, thumbprint } = this.endpoint;
    if (thumbprint !== undefined) return new PinnedAgent(this.endpoint, thumbprint);
    return new Agent({ keepAlive: true, ...tlsOptions(host), ...(await authorities(caFile)) });
  }
}

/** Believes one certificate, and gives a connection out only once that was shown. */
class PinnedAgent extends Agent {
  readonly #endpoint: Endpoint;
  readonly #thumbprint: string;

  constructor(endpoint: Endpoint, thumbprint: string) {
    super({ keepAlive: true });
    this.#endpoint = endpoint;
    this.#thumbprint = normal(thumbprint);
  }

  override createConnection(_options: RequestOptions, opened: (error: Error | null, socket: Duplex) => void): null {
    const { host, port } = this.#endpoint;
    const socket = connect({ host, port, ...tlsOptions(host), rejectUnauthorized: false });
    const failed = (error: Error) => opened(error, socket);
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      socket.removeListener("error", failed);
      const shown = socket.getPeerCertificate().fingerprint256 ?? "none";
      if (normal(shown) === this.#thumbprint) return opened(null, socket);
      socket.destroy();
      failed(new Unreachable(`it shows the certificate ${shown}, which is not the one of [vsphere] thumbprint`));
    });
    return null;
  }
}

function tlsOptions(host: string) {
  return { minVersion: "TLSv1.2", ...(isIP(host) === 0 ? { servername: host } : {}) } as const;
}

function normal(thumbprint: string): string {
  return thumbprint.replaceAll(":", "").toLowerCase();
}
