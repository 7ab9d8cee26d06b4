import type { ContentReference } from "#drive/content-source.js";
import type { Wait } from "#drive/hypervisor.js";
import { type Credentials, readHttpSource } from "./http.js";
import { exchange, type HttpSettings } from "./http-exchange.js";
import type { Patience } from "./resumable.js";
import { SourceFailure } from "./source-failure.js";

/** An OpenStack Swift account, as the operator configured it. */
export interface SwiftSettings {
  /** Where version 1 authentication is asked (`http://host:8080/auth/v1.0`). */
  readonly authUrl: string;
  readonly user: string;
  readonly key: { reveal(): string };
  /** Where the objects stand; unset: where authentication says. */
  readonly storageUrl?: string;
}

interface Session {
  readonly token: string;
  readonly storageUrl: string;
}

/** Reads objects of one Swift account by `swift://container/object`. A token is kept until the server no longer takes it. */
export class SwiftAccount {
  #session: Promise<Session> | undefined;

  readonly #http: HttpSettings & Patience;

  /**
   * @param http - the account's own addresses are the operator's choice, and not held to the rules for callers' places: so its answers
   * must not lead elsewhere
   */
  constructor(
    private readonly settings: SwiftSettings,
    http: HttpSettings & Patience,
  ) {
    this.#http = { ...http, redirects: 0 };
  }

  async *read(reference: ContentReference, maxBytes: number, wait: Wait): AsyncGenerator<Uint8Array> {
    const { url } = reference;
    const failure = new SourceFailure(url);
    const { hostname: container, pathname } = new URL(url);
    const object = pathname.slice(1);
    if (container === "" || object === "") throw failure.notAllowed("must be swift://container/object");
    const credentials: Credentials = async (renew, each) => ({
      "x-auth-token": (await this.#open(renew, failure, each)).token,
    });
    const { storageUrl } = await this.#open(false, failure, wait);
    const base = this.settings.storageUrl ?? storageUrl;
    const at = { ...reference, url: `${base.replace(/\/$/, "")}/${container}/${object}` };
    yield* readHttpSource(at, credentials, this.#http, maxBytes, wait);
  }

  #open(renew: boolean, failure: SourceFailure, wait: Wait): Promise<Session> {
    if (this.#session === undefined || renew) {
      const session = this.#authenticate(failure, wait);
      this.#session = session;
      session.catch(() => {
        if (this.#session === session) this.#session = undefined;
      });
    }
    return this.#session;
  }

  async #authenticate(failure: SourceFailure, wait: Wait): Promise<Session> {
    const headers = { "x-auth-user": this.settings.user, "x-auth-key": this.settings.key.reveal() };
    const answer = await exchange(new URL(this.settings.authUrl), headers, this.#http, failure, wait);
    answer.resume();
    const { "x-auth-token": token, "x-storage-url": storageUrl } = answer.headers;
    if (answer.statusCode === 401 || answer.statusCode === 403)
      throw failure.notFound("Swift does not take the service's user and key");
    if (typeof token !== "string" || typeof storageUrl !== "string") {
      throw failure.unreachable(`Swift's authentication answers ${answer.statusCode} without a token`);
    }
    return { token, storageUrl };
  }
}
