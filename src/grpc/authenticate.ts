import { type Caller, operator } from "#api/policy/caller.js";
import type { CertificateNames, Identities } from "#api/policy/identities.js";
import { Refusal } from "#drive/refusal.js";

/** What a call shows of who makes it. */
export interface Shown {
  /** From a certificate that an authority of ours vouches for. */
  readonly certificate: CertificateNames | undefined;
  /** What the call names in `x-project-id`. */
  readonly projectId: string | undefined;
}

/** Finds out who calls. Refuses with UNAUTHENTICATED or FORBIDDEN. */
export type Authenticate = (shown: Shown, signal: AbortSignal) => Promise<Caller>;

/** On this machine: whoever may open the socket is the operator. */
export const operatorOnly: Authenticate = async ({ projectId }) => operator(projectId ?? "");

/** From elsewhere: who the certificate's identity is. @param identities - those that count at the moment; unset: there are none */
export function authenticateOverTls(identities: () => Identities | undefined): Authenticate {
  return async ({ certificate, projectId }) => {
    const known = identities();
    if (certificate !== undefined && known !== undefined) return known.callerOf(certificate, projectId);
    throw new Refusal("UNAUTHENTICATED", "the call does not say who makes it: show a certificate that has an identity");
  };
}
