import type { IncomingMessage } from "node:http";
import type { ContentReference } from "#drive/content-source.js";
import type { Wait } from "#drive/hypervisor.js";
import { requireEnd } from "./body-end.js";
import { bodyOf, exchange, type HttpSettings } from "./http-exchange.js";
import { type Answer, type Patience, resumable, Transient } from "./resumable.js";
import { SourceFailure } from "./source-failure.js";

const NOT_THERE = new Set([401, 403, 404, 410]);
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Where an answer sends on to, if it does (RFC 9110, 15.4). */
function redirection(answer: IncomingMessage, from: URL): URL | undefined {
  const status = answer.statusCode ?? 0;
  const { location } = answer.headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined || !URL.canParse(location, from.href))
    return undefined;
  return new URL(location, from);
}

/** A validator that is good enough to go on with a cut transfer (RFC 9110, 13.1.5): a strong one. */
function versionOf(answer: IncomingMessage): string | undefined {
  const { etag } = answer.headers;
  return etag !== undefined && !etag.startsWith("W/") ? etag : undefined;
}

/** Holds an answer against what was asked, and gives it as the object from that offset on. Throws a refusal, or `Transient`. */
function objectOf(
  answer: IncomingMessage,
  reference: ContentReference,
  offset: number,
  failure: SourceFailure,
  wait: Wait,
): Answer {
  const status = answer.statusCode ?? 0;
  if (NOT_THERE.has(status)) throw failure.notFound(`the server answers ${status}`);
  if (PASSING.has(status)) throw new Transient(`the server answers ${status}`);
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw failure.mismatch(`comes encoded as ${encoding}, which was not asked for`);
  const length = answer.headers["content-length"];
  const version = versionOf(answer);
  if (status === 200 && offset === 0) {
    requireEnd(answer.headers, reference, failure);
    return { chunks: bodyOf(answer, wait), size: length === undefined ? undefined : Number(length), version };
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers["content-range"] ?? "");
  if (status === 206 && Number(range?.[1]) === offset) {
    return { chunks: bodyOf(answer, wait), size: Number(range?.[2]), version };
  }
  if (offset > 0)
    throw failure.unreachable(`was cut after ${offset} bytes, and has changed or cannot be taken up there (${status})`);
  throw failure.unreachable(`the server answers ${status}`);
}

/** What is sent along; asked for anew (`renew`) when the server no longer takes it. */
export type Credentials = (renew: boolean, wait: Wait) => Promise<Readonly<Record<string, string>>>;

/** For places that need none, or have it in the URL. */
export const noCredentials: Credentials = async () => ({});

/**
 * Reads `https://…` (and `http://…` where that is allowed). Credentials go to the first host only, never along with a redirect to another.
 * Refusals: as in `ContentSource`.
 */
export async function* readHttpSource(
  reference: ContentReference,
  credentials: Credentials,
  settings: HttpSettings & Patience,
  maxBytes: number,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  const { url } = reference;
  const failure = new SourceFailure(url);
  const ask = async (offset: number, version: string | undefined): Promise<Answer> => {
    const range: Record<string, string> =
      offset === 0 || version === undefined ? {} : { range: `bytes=${offset}-`, "if-range": version };
    const { origin } = new URL(url);
    let at = new URL(url);
    let own = await credentials(false, wait);
    for (let left = settings.redirects, renewed = false; ; ) {
      const answer = await exchange(at, at.origin === origin ? { ...own, ...range } : range, settings, failure, wait);
      let object: Answer | undefined;
      try {
        if (answer.statusCode === 401 && !renewed && Object.keys(own).length > 0) {
          renewed = true;
          own = await credentials(true, wait);
          continue;
        }
        const next = redirection(answer, at);
        if (next === undefined) {
          object = objectOf(answer, reference, offset, failure, wait);
          return object;
        }
        if (left === 0) throw failure.notAllowed(`redirects to ${next.host}, and no more redirects are followed`);
        if (at.protocol === "https:" && next.protocol !== "https:") {
          throw failure.notAllowed("redirects away from https");
        }
        at = next;
        left -= 1;
      } finally {
        if (object === undefined) answer.destroy();
      }
    }
  };
  yield* resumable(ask, failure, maxBytes, settings, wait);
}
