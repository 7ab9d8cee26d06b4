import { type Caller, operator } from "#api/policy/caller.js";
import type { CertificateNames, Identities } from "#api/policy/identities.js";
import type { ShownTokens, Tokens } from "#api/policy/tokens.js";
import { Refusal } from "#drive/refusal.js";

/** What a call shows of who makes it. */
export interface Shown {
  /** From a certificate that an authority of ours vouches for. */
  readonly certificate: CertificateNames | undefined;
  readonly tokens: ShownTokens | undefined;
  /** What the call names in `x-project-id`. */
  readonly projectId: string | undefined;
}

/** Finds out who calls. Refuses with UNAUTHENTICATED, FORBIDDEN or KEYSTONE_UNREACHABLE. */
export type Authenticate = (shown: Shown, signal: AbortSignal) => Promise<Caller>;

/** On this machine: whoever may open the socket is the operator, unless a token says otherwise. */
export function authenticateHere(vouching: Tokens | undefined): Authenticate {
  return async ({ tokens, projectId }, signal) => {
    if (tokens !== undefined) return await byToken(vouching, tokens, signal);
    return operator(projectId ?? "");
  };
}

/**
 * From elsewhere: who the token is, or else who the certificate's identity is.
 * @param identities - those that count at the moment; unset: there are none
 */
export function authenticateOverTls(
  identities: () => Identities | undefined,
  vouching: Tokens | undefined,
): Authenticate {
  return async ({ certificate, tokens, projectId }, signal) => {
    if (tokens !== undefined) return await byToken(vouching, tokens, signal);
    const known = identities();
    if (certificate !== undefined && known !== undefined) return known.callerOf(certificate, projectId);
    throw new Refusal("UNAUTHENTICATED", "the call does not say who makes it, by x-auth-token or a certificate");
  };
}

/** Whoever shows a token is who it says, and never somebody else for want of Keystone. */
async function byToken(vouching: Tokens | undefined, tokens: ShownTokens, signal: AbortSignal): Promise<Caller> {
  if (vouching !== undefined) return await vouching.callerOf(tokens, signal);
  throw new Refusal("UNAUTHENTICATED", "the service knows no Keystone that could vouch for the call's x-auth-token");
}
