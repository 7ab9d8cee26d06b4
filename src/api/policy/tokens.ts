import type { Caller } from "./caller.js";

/** What a caller shows of itself in a call's headers. */
export interface ShownTokens {
  /** `x-auth-token` */
  readonly token: string;
  /** `x-service-token`: of a service that calls on the user's behalf. */
  readonly serviceToken: string | undefined;
}

/** Whoever vouches for tokens. */
export interface Tokens {
  /**
   * Who the token is.
   * @throws Refusal UNAUTHENTICATED for one that is not valid; KEYSTONE_UNREACHABLE where nobody can tell
   */
  callerOf(shown: ShownTokens, signal: AbortSignal): Promise<Caller>;
}
