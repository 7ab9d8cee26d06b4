import { Refusal } from "#drive/refusal.js";
import type { Caller } from "./caller.js";

/** The names in a certificate that was verified. */
export interface CertificateNames {
  /** The subject's parts in the certificate's order, such as `O=Example,CN=platform`; a comma in a part is `\,`. */
  readonly subject: string;
  /** The subject's alternative names (RFC 5280, 4.2.1.6). */
  readonly dns: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
}

/** By which name a certificate is known. */
export type NameKind = "subject" | "dns" | "uri" | "email";

/** Who somebody with a certificate is. */
export interface Identity {
  readonly kind: NameKind;
  /** Compared as a whole, a DNS name in capitals or not; there are no wildcards. */
  readonly name: string;
  readonly userId: string;
  readonly roles: readonly string[];
  /** Whose drives it may ask for; `*` is any project's. */
  readonly projects: "*" | readonly string[];
}

/** The identities of an identities file, in its order: the first one that a certificate has a name of counts. */
export class Identities {
  constructor(private readonly identities: readonly Identity[]) {}

  /**
   * Who calls with a certificate, in the project that the call names or the only one that there is.
   * @param projectId - what the call names; unset: nothing
   * @throws Refusal UNAUTHENTICATED for a certificate that is nobody's; FORBIDDEN for a project that is not the identity's
   */
  callerOf(names: CertificateNames, projectId: string | undefined): Caller {
    const identity = this.identities.find((one) => isNamed(names, one));
    if (identity === undefined) {
      const shown = namesShown(names);
      throw new Refusal("UNAUTHENTICATED", `no identity has a name of this certificate: ${shown}`, {
        metadata: { certificate: shown },
      });
    }
    const { userId, roles, projects } = identity;
    const only = projects !== "*" && projects.length === 1 ? projects[0] : undefined;
    const project = projectId ?? only ?? "";
    if (projects !== "*" && !projects.includes(project)) {
      const which = project === "" ? "the call names none (x-project-id)" : `not ${project}`;
      throw new Refusal("FORBIDDEN", `${userId} may ask for projects ${projects.join(", ")}; ${which}`, {
        metadata: { user_id: userId, roles: roles.join(",") },
      });
    }
    return { userId, projectId: project, roles, isAdmin: false, systemScope: "", serviceRoles: [] };
  }
}

/** The names as an identities file writes them, for a log: `subject O=Example,CN=platform; dns a.example.org`. */
export function namesShown({ subject, dns, uris, emails }: CertificateNames): string {
  const named = (kind: NameKind, names: readonly string[]) => names.map((name) => `${kind} ${name}`);
  const all = [...named("subject", [subject]), ...named("dns", dns), ...named("uri", uris), ...named("email", emails)];
  return all.join("; ").slice(0, 500);
}

function isNamed(names: CertificateNames, { kind, name }: Identity): boolean {
  switch (kind) {
    case "subject":
      return names.subject === name;
    case "dns":
      return names.dns.some((dns) => dns.toLowerCase() === name.toLowerCase());
    case "uri":
      return names.uris.includes(name);
    case "email":
      return names.emails.includes(name);
  }
}
