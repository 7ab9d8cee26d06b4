import { logIn, type ProjectToken } from "./log-in.js";
import type { Login } from "./settings.js";

/** A new token is fetched so long before the old one ends, in milliseconds. */
const BEFORE_ITS_END_MS = 60_000;

/** A token of the service itself, with which it asks others; fetched when it is needed, and anew before it expires. */
export class OwnToken {
  #token: ProjectToken | undefined;
  #fetching: Promise<ProjectToken> | undefined;

  /**
   * @param now - milliseconds since 1970
   * @param withCatalog - also where the services are
   */
  constructor(
    private readonly login: Login,
    private readonly now: () => number,
    private readonly withCatalog = false,
  ) {}

  /** @throws Refusal KEYSTONE_UNREACHABLE, also where Keystone does not let us in: the caller cannot help it */
  async get(): Promise<string> {
    return (await this.project()).token;
  }

  /** The token with what came with it. @throws as `get` */
  async project(): Promise<ProjectToken> {
    if (this.#token !== undefined && this.now() < this.#token.expiresAt - BEFORE_ITS_END_MS) return this.#token;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return await this.#fetching;
  }

  /** Forgets a token that is no longer taken. */
  forget(token: string): void {
    if (this.#token?.token === token) this.#token = undefined;
  }

  async #fetch(): Promise<ProjectToken> {
    this.#token = await logIn(this.login, this.withCatalog);
    return this.#token;
  }
}
