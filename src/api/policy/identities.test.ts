import type { CertificateNames } from "./identities.js";
import { readIdentities } from "./identities-file.js";

function names(change: Partial<CertificateNames> = {}): CertificateNames {
  return { subject: "CN=nobody", dns: [], uris: [], emails: [], ...change };
}

const file = `
- uri: spiffe://example.org/platform
  user_id: platform
  roles: [member, reader]
  projects: [demo]
- dns: nova-compute.example.org
  user_id: nova
  roles: [service]
  projects: "*"
- subject: O=Example,CN=auditor
  user_id: auditor
  roles: [reader]
  projects: [demo, no]
`;

test("a certificate is whoever one of its names says, in the project it names or its only one", () => {
  const identities = readIdentities(file);
  const platform = names({ dns: ["a", "b"], uris: ["spiffe://example.org/platform"] });
  expect(identities.callerOf(platform, undefined)).toEqual({
    ...{ userId: "platform", projectId: "demo", roles: ["member", "reader"] },
    ...{ isAdmin: false, systemScope: "", serviceRoles: [] },
  });
  expect(identities.callerOf(names({ dns: ["Nova-Compute.example.org"] }), "any")).toMatchObject({
    userId: "nova",
    projectId: "any",
  });
  expect(identities.callerOf(names({ dns: ["nova-compute.example.org"] }), undefined).projectId).toBe("");
  expect(identities.callerOf(names({ subject: "O=Example,CN=auditor" }), "no").userId).toBe("auditor");
});

test.each<[string, CertificateNames]>([
  ["none of the names", names()],
  ["a wildcard for one of them", names({ dns: ["*.example.org"] })],
  ["a name of another kind", names({ dns: ["spiffe://example.org/platform"], emails: ["nova-compute.example.org"] })],
  ["a subject that only begins so", names({ subject: "O=Example,CN=auditor,CN=x" })],
  ["another path of the URI", names({ uris: ["spiffe://example.org/platform/x", "spiffe://example.org/Platform"] })],
])("a certificate with %s is nobody's, and the refusal shows its names", (_what, shown) => {
  expect(() => readIdentities(file).callerOf(shown, "demo")).toThrow(
    expect.objectContaining({
      reason: "UNAUTHENTICATED",
      metadata: { certificate: expect.stringContaining(`subject ${shown.subject}`) },
    }),
  );
});

test("another project is not asked for, and one of several has to be named", () => {
  const identities = readIdentities(file);
  const auditor = names({ subject: "O=Example,CN=auditor" });
  const refused = (message: string) => expect.objectContaining({ reason: "FORBIDDEN", message });
  expect(() => identities.callerOf(names({ uris: ["spiffe://example.org/platform"] }), "other")).toThrow(
    refused("platform may ask for projects demo; not other"),
  );
  expect(() => identities.callerOf(auditor, undefined)).toThrow(
    refused("auditor may ask for projects demo, no; the call names none (x-project-id)"),
  );
  expect(() => identities.callerOf(auditor, "")).toThrow(expect.objectContaining({ reason: "FORBIDDEN" }));
});

const whole = "user_id: u, roles: [], projects: [p]";
test.each<[string, string, number, string]>([
  ["no YAML", "- {\n", 2, "Flow map"],
  ["no list", "a: b\n", 1, "must be a list of identities"],
  ["no name", `- {${whole}}\n`, 1, "must have one of subject, dns, uri, email"],
  ["two names", `- {${whole}, dns: a}\n- {${whole}, dns: a, uri: b}\n`, 2, "must have one of"],
  ["a key that nothing reads", `- {${whole}, dns: a}\n- {${whole}, dns: b, project: c}\n`, 2, "project"],
  ["no projects", "- {dns: a, user_id: u, roles: [], projects: []}\n", 1, "projects"],
  ["one project that is no list", "- dns: a\n  user_id: u\n  roles: []\n  projects: p\n", 4, 'or "*"'],
  ["an empty user", '- dns: a\n  user_id: ""\n  roles: []\n  projects: [p]\n', 2, "user_id: must not be empty"],
])("a file with %s is refused with its line", (_what, text, line, message) => {
  expect(() => readIdentities(text)).toThrow(
    expect.objectContaining({
      problems: expect.arrayContaining([{ line, message: expect.stringContaining(message) }]),
    }),
  );
});
