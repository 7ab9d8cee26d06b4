import type { Readable } from "node:stream";
import { z } from "zod";
import { abortable } from "../abortable.js";
import { type Answer, type Exchange, send } from "./line.js";

/** A token for a project, and where the services are that take it. */
export interface ProjectToken {
  readonly token: string;
  readonly projectId: string;
  readonly endpoints: readonly {
    readonly type: string;
    readonly interface: string;
    readonly region: string;
    readonly url: string;
  }[];
}

/** Who logs in for us, and remembers the token as long as it is good. */
export interface TokenSource {
  project(): Promise<ProjectToken>;
  /** Forgets a token that is no longer taken. */
  forget(token: string): void;
}

/** Tokens of a user who is a service. */
export interface ServiceTokenSource {
  get(): Promise<string>;
  /** Forgets a token that is no longer taken. */
  forget(token: string): void;
}

/** Which of a service's endpoints is called, and how long it may take. */
export interface Reach {
  /**
   * Who vouches for us: with a service's token beside it (`X-Service-Token`), OpenStack's services also take a token that has
   * expired since, so that what was begun with it can be ended. Unset: nobody.
   */
  readonly serviceTokens?: ServiceTokenSource;
  /** Unset: the first in the catalog. */
  readonly region?: string;
  readonly interface: "public" | "internal" | "admin";
  readonly ca?: Buffer;
  /** Milliseconds for each answer. */
  readonly answerMs: number;
}

/** The services by the types that catalogs have for them (service-types authority). */
const TYPES = {
  compute: ["compute"],
  image: ["image"],
  volume: ["block-storage", "volumev3"],
} as const satisfies Record<string, readonly string[]>;

export type Service = keyof typeof TYPES;

/** An error that a service answered. */
export class OpenstackError extends Error {
  override readonly name = "OpenstackError";
  constructor(
    readonly service: Service,
    readonly status: number,
    message: string,
    /** How long the service asks to wait before the next request; unset: it does not say. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** For what may not be there: the answer 404 gives nothing, every other error comes again. */
export function unlessNotFound(error: unknown): undefined {
  if (error instanceof OpenstackError && error.status === 404) return undefined;
  throw error;
}

/** The catalog has no such service. */
export class NotInCatalog extends Error {
  override readonly name = "NotInCatalog";
}

/** What a call may have beside its path. */
export interface CallMore {
  readonly body?: object;
  /** The microversion that it needs; unset: the oldest. */
  readonly version?: string;
}

const errorForm = z.record(z.string(), z.object({ message: z.string() }));

/** OpenStack's APIs, for one project. Tokens that are refused are renewed once. */
export class Session {
  constructor(
    private readonly tokens: TokenSource,
    private readonly reach: Reach,
  ) {}

  get answerMs(): number {
    return this.reach.answerMs;
  }

  /** The project that is served. */
  async projectId(signal: AbortSignal): Promise<string> {
    return (await abortable(this.tokens.project(), signal)).projectId;
  }

  /**
   * One call, and what it answered as JSON. What makes something is waited for also where the caller has given up, so that it can be
   * taken back. Throws OpenstackError, NotInCatalog, Unreachable, and the signal's reason.
   */
  async call(
    service: Service,
    method: Exchange["method"],
    path: string,
    signal: AbortSignal,
    { body, version }: CallMore = {},
  ): Promise<unknown> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["content-type"] = "application/json";
    if (version !== undefined) headers["openstack-api-version"] = `${service} ${version}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const bodies = () => (text === undefined ? {} : { body: text });
    signal.throwIfAborted();
    const ends = method === "POST" ? new AbortController().signal : signal;
    const answer = await this.#send(service, method, path, headers, bodies, this.reach.answerMs, ends);
    signal.throwIfAborted();
    return answer.text === "" ? undefined : JSON.parse(answer.text);
  }

  /** Sends the bytes of an image. Throws as `call`. @param bytes - from the beginning, as often as it is asked */
  async upload(path: string, bytes: () => Readable, limitMs: number, signal: AbortSignal): Promise<void> {
    const headers = { "content-type": "application/octet-stream" };
    await this.#send("image", "PUT", path, headers, () => ({ body: bytes() }), limitMs, signal);
  }

  async #send(
    service: Service,
    method: Exchange["method"],
    path: string,
    headers: Readonly<Record<string, string>>,
    bodies: () => Pick<Exchange, "body">,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { serviceTokens, ca } = this.reach;
    for (let attempt = 1; ; attempt++) {
      const [own, vouching] = await abortable(Promise.all([this.tokens.project(), serviceTokens?.get()]), signal);
      const url = this.#endpoint(own, service) + path;
      const vouched: Record<string, string> = vouching === undefined ? {} : { "x-service-token": vouching };
      const sent = { "x-auth-token": own.token, ...vouched, "user-agent": "configdrive-bridge", ...headers };
      const request = { method, url, headers: sent, ...bodies() };
      const answer = await send(request, ca, limitMs, signal);
      if (answer.status < 300) return answer;
      if (answer.status !== 401 || attempt > 1) throw errorOf(service, answer);
      // Which of the two it was, nobody says.
      this.tokens.forget(own.token);
      if (vouching !== undefined) serviceTokens?.forget(vouching);
    }
  }

  #endpoint({ endpoints }: ProjectToken, service: Service): string {
    const { region, interface: wanted } = this.reach;
    const types: readonly string[] = TYPES[service];
    const found = endpoints.find(
      (one) => types.includes(one.type) && one.interface === wanted && (region ?? one.region) === one.region,
    );
    if (found !== undefined) return withVersion(service, found.url.replace(/\/+$/, ""));
    const where = region === undefined ? "" : ` in region ${region}`;
    throw new NotInCatalog(`Keystone's catalog has no ${wanted} endpoint of type ${types.join(" or ")}${where}`);
  }
}

/** Glance's endpoint stands in a catalog without its version. */
function withVersion(service: Service, url: string): string {
  return service === "image" && !/\/v2$/.test(url) ? `${url}/v2` : url;
}

/** What a service says of its error: JSON with one member (nova, Cinder), or HTML (Glance). */
function errorOf(service: Service, { status, text, retryAfterMs }: Answer): OpenstackError {
  let message = text.replace(/<[^>]*>/g, " ");
  try {
    message = Object.values(errorForm.parse(JSON.parse(text)))[0]?.message ?? message;
  } catch {
    // Not JSON: what stands between the tags.
  }
  const short = message.replace(/\s+/g, " ").trim().slice(0, 500);
  return new OpenstackError(service, status, short === "" ? `HTTP ${status}` : short, retryAfterMs);
}
