import { Refusal } from "#drive/refusal.js";
import { type JsonAnswer, jsonRequest } from "./json-request.js";
import type { Login } from "./settings.js";

/**
 * One request to Keystone's API, version 3.
 * @param path - below `/v3`
 * @throws Refusal KEYSTONE_UNREACHABLE when no whole answer comes in time, or one that says that Keystone is not well (5xx, 429)
 */
export async function exchange(
  { authUrl, ca, answerMs }: Pick<Login, "authUrl" | "ca" | "answerMs">,
  method: "GET" | "POST",
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Promise<JsonAnswer> {
  const url = baseOf(authUrl) + path;
  try {
    return await jsonRequest({ method, url, headers, ca, answerMs, ...(body === undefined ? {} : { body }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("KEYSTONE_UNREACHABLE", `Keystone at ${authUrl}: ${why}`, { cause: error });
  }
}

/** The URL up to and with the version. */
function baseOf(authUrl: string): string {
  const url = authUrl.replace(/\/+$/, "");
  return url.endsWith("/v3") ? url : `${url}/v3`;
}
