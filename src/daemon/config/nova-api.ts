import type { Login } from "#keystone/settings.js";
import type { ComputeApiSettings } from "#nova/compute-api.js";
import { bytesOf } from "./bytes-of.js";
import { ConfigError } from "./config-error.js";
import type { Config } from "./options.js";

/** nova's API, and who we are there. */
export interface NovaApiSettings extends ComputeApiSettings {
  readonly login: Login;
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
}

/**
 * How nova is asked for its instances; `undefined` where it is not.
 * @throws ConfigError for an API that could not be asked
 */
export function novaApiSettings(config: Config): NovaApiSettings | undefined {
  const { novaEndpoint: endpoint, novaAuthUrl: authUrl, novaUsername: username, novaPassword: password } = config;
  if (endpoint === undefined) return undefined;
  if (authUrl === undefined || username === undefined || password === undefined) {
    throw new ConfigError(["[nova_api] endpoint_override: needs auth_url, username and password"]);
  }
  const { novaCaFile, novaApiAnswerMs: answerMs, novaLookMs: everyMs } = config;
  const authority = novaCaFile === undefined ? {} : { ca: bytesOf("[nova_api] cafile", novaCaFile) };
  const login: Login = {
    ...{ authUrl, username, password: password.reveal(), answerMs, ...authority },
    userDomainName: config.novaUserDomain,
    projectName: config.novaProject,
    projectDomainName: config.novaProjectDomain,
  };
  return { endpoint, answerMs, everyMs, login, ...authority };
}
