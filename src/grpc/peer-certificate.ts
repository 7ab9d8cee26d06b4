import { X509Certificate } from "node:crypto";
import type { CertificateNames } from "#api/policy/identities.js";

/** The names in a certificate. @param der - the certificate itself */
export function certificateNames(der: Uint8Array): CertificateNames {
  const { subject, subjectAltName } = new X509Certificate(der);
  const names = alternativeNames(subjectAltName ?? "");
  const of = (kind: string) => names.filter((name) => name.kind === kind).map(({ value }) => value);
  return {
    // One part a line; a comma in a part is escaped, so that joining them is unambiguous.
    subject: (subject ?? "").split("\n").join(","),
    dns: of("DNS"),
    uris: of("URI"),
    emails: of("email"),
  };
}

/**
 * Takes apart what Node.js makes of the alternative names: `kind:value` separated by `, `, a value that could be misread in JSON's quotes
 * (node:crypto, `x509.subjectAltName`). A text that is not of that form has no names: better nobody than somebody else.
 */
export function alternativeNames(text: string): readonly { readonly kind: string; readonly value: string }[] {
  const names: { kind: string; value: string }[] = [];
  const one = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (one.lastIndex < text.length) {
    const [, kind, value] = one.exec(text) ?? [];
    const read = value === undefined ? undefined : unquoted(value);
    if (kind === undefined || read === undefined) return [];
    names.push({ kind, value: read });
  }
  return names;
}

function unquoted(value: string): string | undefined {
  if (!value.startsWith('"')) return value;
  try {
    const read: unknown = JSON.parse(value);
    return typeof read === "string" ? read : undefined;
  } catch {
    return undefined;
  }
}
