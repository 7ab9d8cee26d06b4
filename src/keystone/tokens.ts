import type { Caller } from "#api/policy/caller.js";
import type { ShownTokens, Tokens } from "#api/policy/tokens.js";
import { Refusal } from "#drive/refusal.js";
import { Answers, digestOf } from "./answers.js";
import { OwnToken } from "./own-token.js";
import type { KeystoneSettings } from "./settings.js";
import { type TokenView, validate } from "./validate.js";

/** Most tokens that are remembered; a view of one takes about half a KiB. */
const MOST_TOKENS = 10_000;
/** Longest time that a token is remembered as not valid, in milliseconds: one that Keystone does not know yet soon may be. */
const REFUSED_MS = 10_000;

/** Keystone vouches for tokens, and its answers are believed for a time. */
export class KeystoneTokens implements Tokens {
  readonly #own: OwnToken;
  readonly #views: Answers<TokenView | undefined>;

  /** @param now - milliseconds since 1970 */
  constructor(
    private readonly settings: KeystoneSettings,
    private readonly now: () => number,
  ) {
    this.#own = new OwnToken(settings, now);
    this.#views = new Answers(MOST_TOKENS, now);
  }

  async callerOf({ token, serviceToken }: ShownTokens): Promise<Caller> {
    const service = serviceToken === undefined ? undefined : await this.#service(serviceToken);
    const vouched = service?.roles.some((role) => this.settings.serviceRoles.includes(role)) ?? false;
    const view = await this.#view(token, vouched);
    if (view === undefined) throw refused("x-auth-token", token);
    const { userId, projectId, roles, systemScope } = view;
    return { userId, projectId, roles, isAdmin: false, systemScope, serviceRoles: service?.roles ?? [] };
  }

  /** @throws Refusal UNAUTHENTICATED: a service that shows a token that is not valid is no service */
  async #service(token: string): Promise<TokenView> {
    const view = await this.#view(token, false);
    if (view === undefined) throw refused("x-service-token", token);
    return view;
  }

  async #view(token: string, allowExpired: boolean): Promise<TokenView | undefined> {
    const key = `${allowExpired ? "expired " : ""}${digestOf(token)}`;
    const ask = () => validate(this.settings, this.#own, token, allowExpired);
    const view = await this.#views.get(key, ask, (answer) => this.#believedUntil(answer, allowExpired));
    const over = view !== undefined && !allowExpired && view.expiresAt <= this.now();
    return over ? undefined : view;
  }

  #believedUntil(view: TokenView | undefined, allowExpired: boolean): number {
    const { cacheMs } = this.settings;
    if (view === undefined) return this.now() + Math.min(cacheMs, REFUSED_MS);
    const until = this.now() + cacheMs;
    return allowExpired ? until : Math.min(until, view.expiresAt);
  }
}

function refused(header: string, token: string): Refusal {
  const digest = digestOf(token).slice(0, 16);
  return new Refusal("UNAUTHENTICATED", `Keystone does not know the ${header}, or it has expired or was revoked`, {
    metadata: { token_digest: digest },
  });
}
