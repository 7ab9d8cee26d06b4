import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { exchange } from "./exchange.js";
import type { OwnToken } from "./own-token.js";
import type { KeystoneSettings } from "./settings.js";

/** What Keystone says of a token. */
export interface TokenView {
  readonly userId: string;
  /** Empty: the token is for no project. */
  readonly projectId: string;
  readonly roles: readonly string[];
  /** `all`: for the whole system; empty otherwise. */
  readonly systemScope: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Keystone's validation of a token (Identity API v3, GET /v3/auth/tokens). */
const answer = z.object({
  token: z.object({
    user: z.object({ id: z.string().min(1) }),
    project: z.object({ id: z.string().min(1) }).optional(),
    system: z.object({ all: z.boolean() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    expires_at: z.iso.datetime(),
  }),
});

/** What may stand in a header without changing it: tokens are such text, and nothing else is asked about. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/**
 * Asks Keystone about a token.
 * @param allowExpired - also one that has expired lately, for a service that finishes what a user began
 * @returns `undefined` for a token that is not valid
 * @throws Refusal KEYSTONE_UNREACHABLE when Keystone does not say
 */
export async function validate(
  settings: KeystoneSettings,
  own: OwnToken,
  token: string,
  allowExpired: boolean,
): Promise<TokenView | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const path = `/auth/tokens?nocatalog${allowExpired ? "&allow_expired=1" : ""}`;
  for (let attempt = 1; ; attempt++) {
    const ours = await own.get();
    const { status, body } = await exchange(settings, "GET", path, { "x-auth-token": ours, "x-subject-token": token });
    if (status === 404) return undefined;
    if (status === 401 && attempt === 1) {
      // Ours was taken back, as when Keystone's keys were changed: once more with a new one.
      own.forget(ours);
      continue;
    }
    const read = answer.safeParse(body);
    if (status !== 200 || !read.success) {
      const message = `Keystone at ${settings.authUrl} does not tell the service of tokens: it answered ${status}`;
      throw new Refusal("KEYSTONE_UNREACHABLE", message);
    }
    const { user, project, system, roles, expires_at } = read.data.token;
    return {
      userId: user.id,
      projectId: project?.id ?? "",
      roles: roles.map(({ name }) => name),
      systemScope: system?.all === true ? "all" : "",
      expiresAt: Date.parse(expires_at),
    };
  }
}
