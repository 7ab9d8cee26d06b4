import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { exchange } from "./exchange.js";
import type { Login } from "./settings.js";

/** A new token is fetched so long before the old one ends, in milliseconds. */
const BEFORE_ITS_END_MS = 60_000;

const answer = z.object({ token: z.object({ expires_at: z.iso.datetime() }) });

/** A token of the service itself, with which it asks others; fetched when it is needed, and anew before it expires. */
export class OwnToken {
  #token: string | undefined;
  #until = 0;
  #fetching: Promise<string> | undefined;

  constructor(
    private readonly settings: Login,
    private readonly now: () => number,
  ) {}

  /** @throws Refusal KEYSTONE_UNREACHABLE, also where Keystone does not let us in: the caller cannot help it */
  async get(): Promise<string> {
    if (this.#token !== undefined && this.now() < this.#until) return this.#token;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return await this.#fetching;
  }

  /** Forgets a token that Keystone no longer takes. */
  forget(token: string): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #fetch(): Promise<string> {
    const { authUrl, username, password, userDomainName, projectName, projectDomainName } = this.settings;
    const { status, headers, body } = await exchange(
      this.settings,
      "POST",
      "/auth/tokens?nocatalog",
      {},
      {
        auth: {
          identity: {
            methods: ["password"],
            password: { user: { name: username, domain: { name: userDomainName }, password } },
          },
          scope: { project: { name: projectName, domain: { name: projectDomainName } } },
        },
      },
    );
    const token = headers["x-subject-token"];
    const read = answer.safeParse(body);
    if (status !== 201 || typeof token !== "string" || !read.success) {
      const message = `Keystone at ${authUrl} does not let the service in as ${username}: it answered ${status}`;
      throw new Refusal("KEYSTONE_UNREACHABLE", message);
    }
    this.#token = token;
    this.#until = Date.parse(read.data.token.expires_at) - BEFORE_ITS_END_MS;
    return token;
  }
}
