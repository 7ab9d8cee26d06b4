import { z } from "zod";
import { type JsonAnswer, jsonRequest } from "#keystone/json-request.js";

/** How nova's API is reached. */
export interface ComputeApiSettings {
  /** Up to and with the version, such as `http://controller:8774/v2.1`. */
  readonly endpoint: string;
  /** Certificates of authorities to trust in place of the system's, in PEM. */
  readonly ca?: Buffer | undefined;
  /** Longest wait for an answer, in milliseconds. */
  readonly answerMs: number;
}

/** The token that nova is asked with. */
export interface ApiToken {
  get(): Promise<string>;
  /** One that is no longer taken. */
  forget(token: string): void;
}

/** nova did not say what it was asked: it is away, or does not let us in. */
export class NovaApiFailure extends Error {}

/** nova's own word that there is no such server; whatever else answers at a wrong address has another 404. */
const notFound = z.object({ itemNotFound: z.looseObject({}) });

/** nova's compute API, as its administrator sees it. */
export class ComputeApi {
  constructor(
    private readonly settings: ComputeApiSettings,
    private readonly token: ApiToken,
  ) {}

  /**
   * Makes sure that nova shows us every project's servers: who may see those of their own project only is told that others are not there.
   * @throws NovaApiFailure
   */
  async requireAllShown(signal: AbortSignal): Promise<void> {
    const { status } = await this.#get("/servers?all_tenants=true&limit=1", signal);
    if (status === 403)
      throw this.#failure("the user may not see the servers of every project: it needs the role admin");
    if (status !== 200) throw this.#failure(`it answered ${status} to a list of servers`);
  }

  /**
   * Whether nova has a server. One that is deleted and can be brought back is there.
   * @throws NovaApiFailure for every answer but those two
   */
  async has(instanceId: string, signal: AbortSignal): Promise<boolean> {
    const { status, body } = await this.#get(`/servers/${encodeURIComponent(instanceId)}`, signal);
    if (status === 200) return true;
    if (status === 404 && notFound.safeParse(body).success) return false;
    throw this.#failure(`it answered ${status} when it was asked for server ${instanceId}`);
  }

  async #get(path: string, signal: AbortSignal): Promise<JsonAnswer> {
    const token = await this.token.get();
    const answer = await this.#send(path, token, signal);
    if (answer.status !== 401) return answer;
    // It may have been revoked before its time.
    this.token.forget(token);
    return await this.#send(path, await this.token.get(), signal);
  }

  async #send(path: string, token: string, signal: AbortSignal): Promise<JsonAnswer> {
    const { endpoint, ca, answerMs } = this.settings;
    const url = endpoint.replace(/\/+$/, "") + path;
    try {
      return await jsonRequest({ method: "GET", url, headers: { "x-auth-token": token }, ca, answerMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(error instanceof Error ? error.message : String(error), error);
    }
  }

  #failure(why: string, cause?: unknown): NovaApiFailure {
    return new NovaApiFailure(`nova's API at ${this.settings.endpoint}: ${why}`, { cause });
  }
}
