import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Wait } from "#drive/hypervisor.js";
import type { AddressPolicy } from "./address-policy.js";
import { AddressForbidden, checkLiteral, guardedLookup } from "./guarded-lookup.js";
import { Transient } from "./resumable.js";
import type { SourceFailure } from "./source-failure.js";

/** How the service speaks HTTP to places that callers name. */
export interface HttpSettings {
  readonly addresses: AddressPolicy;
  /** Whether `http://` is taken too; without TLS anybody on the way can change the bytes. */
  readonly plain: boolean;
  /** How many redirects are followed; each is held to the same rules. */
  readonly redirects: number;
  /** Longest silence of a server, in milliseconds. */
  readonly silenceMs: number;
  /** Certificates of authorities to trust beside Node's own. */
  readonly ca?: string;
}

/** One GET. Gives the head of the answer, its body unread. Throws a refusal, or `Transient`. */
export async function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  settings: HttpSettings,
  failure: SourceFailure,
  wait: Wait,
): Promise<IncomingMessage> {
  const tls = url.protocol === "https:";
  if (!tls && !(settings.plain && url.protocol === "http:")) throw failure.notAllowed("must be https://");
  try {
    checkLiteral(url.hostname, settings.addresses);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options = {
      headers: { "accept-encoding": "identity", "user-agent": "configdrive-bridge", ...headers },
      lookup: guardedLookup(settings.addresses),
      agent: false as const,
      signal: wait.signal,
      timeout: settings.silenceMs,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    };
    const outgoing = tls ? requestHttps(url, options) : requestHttp(url, options);
    outgoing.on("response", resolve).on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no byte came for ${settings.silenceMs} ms`)));
    outgoing.end();
    return await promise;
  } catch (error) {
    if (error instanceof AddressForbidden) throw failure.notAllowed(error.message, error);
    if (wait.signal.aborted) throw error;
    throw new Transient(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The body of an answer; a connection that breaks is `Transient`. */
export async function* bodyOf(answer: IncomingMessage, wait: Wait): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Buffer;
  } catch (error) {
    if (wait.signal.aborted) throw error;
    throw new Transient(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    answer.destroy();
  }
}
