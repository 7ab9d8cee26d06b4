import { readFile } from "node:fs/promises";
import { Agent, type RequestOptions, request } from "node:https";
import { isIP } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect } from "node:tls";

/** Where a vCenter is, and how it proves that it is itself. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The certificates of those who may vouch for it, in PEM; unset: those that Node.js knows. Read once. */
  readonly caFile?: string;
  /** The SHA-256 of its certificate, in hexadecimal: then nobody needs to vouch for it. */
  readonly thumbprint?: string;
}

/** Nobody answered there, or not who should. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
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
  #agent: Promise<Agent> | undefined;

  constructor(readonly endpoint: Endpoint) {}

  /** One request. Throws Unreachable, and the signal's reason. */
  async send({ method, path, headers, body }: Exchange, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const { host, port } = this.endpoint;
    const agent = await this.#opened();
    const answered = Promise.withResolvers<Answer>();
    const outgoing = request({ agent, host, port, method, path, headers, signal }, (incoming) => {
      collect(incoming).then(
        (text) =>
          answered.resolve({ status: incoming.statusCode ?? 0, cookies: incoming.headers["set-cookie"] ?? [], text }),
        answered.reject,
      );
    });
    outgoing.once("error", answered.reject);
    try {
      if (typeof body === "string") outgoing.end(body);
      // What is wrong with the body, such as a file that ends early, ends the request.
      else pipeline(body, outgoing).catch(answered.reject);
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

  async #opened(): Promise<Agent> {
    this.#agent ??= this.#open();
    try {
      return await this.#agent;
    } catch (error) {
      this.#agent = undefined;
      throw error;
    }
  }

  async #open(): Promise<Agent> {
    const { host, caFile, thumbprint } = this.endpoint;
    if (thumbprint !== undefined) return new PinnedAgent(this.endpoint, thumbprint);
    try {
      return new Agent({
        keepAlive: true,
        ...tlsOptions(host),
        ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
      });
    } catch (error) {
      throw new Unreachable(`its CA file cannot be read: ${describe(error)}`, { cause: error });
    }
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
