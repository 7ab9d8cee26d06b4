import { readFile } from "node:fs/promises";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { isNativeError } from "node:util/types";

/** Nobody answered there, or not who should. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** An agent that is opened when it is first needed, and kept; one that could not be opened is tried again. */
export class KeptAgent<A extends Agent> {
  #agent: Promise<A> | undefined;

  constructor(private readonly open: () => Promise<A>) {}

  async opened(): Promise<A> {
    this.#agent ??= this.open();
    try {
      return await this.#agent;
    } catch (error) {
      this.#agent = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    (await this.#agent?.catch(() => undefined))?.destroy();
  }
}

/** Whom to trust: the certificates of a file, in PEM, or without one those that Node.js knows. Throws Unreachable. */
export async function authorities(caFile: string | undefined): Promise<{ readonly ca?: Buffer }> {
  try {
    return caFile === undefined ? {} : { ca: await readFile(caFile) };
  } catch (error) {
    throw new Unreachable(`its CA file cannot be read: ${describe(error)}`, { cause: error });
  }
}

/**
 * Sends one request and reads its answer; where either fails, the request is given up.
 * @param send - begins to send the body; `failed` is told what is wrong with that later
 * Throws Unreachable, and the signal's reason.
 */
export async function exchange<Answer>(
  outgoing: ClientRequest,
  send: (failed: (error: unknown) => void) => void,
  read: (incoming: IncomingMessage) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  outgoing.once("response", (incoming) => read(incoming).then(resolve, reject));
  outgoing.once("error", reject);
  try {
    send(reject);
    return await promise;
  } catch (error) {
    outgoing.destroy();
    if (signal.aborted) throw signal.reason;
    throw error instanceof Unreachable ? error : new Unreachable(describe(error), { cause: error });
  }
}

/** The text of an answer. Throws Unreachable where it has more bytes than `most`. */
export async function textOf(incoming: IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += part.length;
    if (bytes > most) throw new Unreachable(`it answers with more than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** How long the answer asks to wait before the next request (RFC 9110, 10.2.3), in milliseconds; a date is not read. */
export function retryAfterMs({ headers }: Pick<IncomingMessage, "headers">): number | undefined {
  const said = headers["retry-after"] ?? "";
  return /^[0-9]{1,4}$/.test(said) && Number(said) > 0 ? Number(said) * 1000 : undefined;
}

function describe(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error instanceof AggregateError && error.message === "") return code ?? "no address of it answers";
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
