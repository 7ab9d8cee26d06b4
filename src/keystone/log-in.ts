import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { exchange } from "./exchange.js";
import type { Login } from "./settings.js";

/** Where a service is, as the catalog has it. */
export interface CatalogEndpoint {
  /** What the service is, such as `compute`. */
  readonly type: string;
  /** For whom: `public`, `internal` or `admin`. */
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** A token for a project, and what comes with it. */
export interface ProjectToken {
  readonly token: string;
  readonly projectId: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
  /** Empty where it was not asked for. */
  readonly endpoints: readonly CatalogEndpoint[];
}

/** Keystone's answer to a login (Identity API v3, POST /v3/auth/tokens). */
const answer = z.object({
  token: z.object({
    expires_at: z.iso.datetime(),
    project: z.object({ id: z.string() }),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() })),
        }),
      )
      .default([]),
  }),
});

/**
 * Logs in by password, for a project.
 * @throws Refusal KEYSTONE_UNREACHABLE, also where Keystone does not let us in: the caller cannot help it
 */
export async function logIn(login: Login, withCatalog: boolean): Promise<ProjectToken> {
  const { authUrl, username, password, userDomainName, projectName, projectDomainName } = login;
  const path = `/auth/tokens${withCatalog ? "" : "?nocatalog"}`;
  const user = { name: username, domain: { name: userDomainName }, password };
  const identity = { methods: ["password"], password: { user } };
  const scope = { project: { name: projectName, domain: { name: projectDomainName } } };
  const { status, headers, body } = await exchange(login, "POST", path, {}, { auth: { identity, scope } });
  const token = headers["x-subject-token"];
  const read = answer.safeParse(body);
  if (status !== 201 || typeof token !== "string" || !read.success) {
    const why = status === 201 ? "its answer has no token for a project" : `it answered ${status}`;
    const message = `Keystone at ${authUrl} does not let the service in as ${username}: ${why}`;
    throw new Refusal("KEYSTONE_UNREACHABLE", message);
  }
  const { expires_at, project, catalog } = read.data.token;
  const endpoints = catalog.flatMap(({ type, endpoints: all }) =>
    all.map((one) => ({ type, interface: one.interface, region: one.region ?? "", url: one.url })),
  );
  return { token, projectId: project.id, expiresAt: Date.parse(expires_at), endpoints };
}
