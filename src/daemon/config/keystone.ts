import type { KeystoneSettings } from "#keystone/settings.js";
import { bytesOf } from "./bytes-of.js";
import { ConfigError } from "./config-error.js";
import type { Config } from "./options.js";

/**
 * How Keystone is asked about tokens; `undefined` where none is configured.
 * @throws ConfigError for a Keystone that could not be asked
 */
export function keystoneSettings(config: Config): KeystoneSettings | undefined {
  const { keystoneUrl: authUrl, keystoneUsername: username, keystonePassword: password, keystoneCaFile } = config;
  if (authUrl === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw new ConfigError(["[keystone_authtoken] auth_url: needs username and password"]);
  }
  return {
    ...{ authUrl, username, password: password.reveal() },
    userDomainName: config.keystoneUserDomain,
    projectName: config.keystoneProject,
    projectDomainName: config.keystoneProjectDomain,
    answerMs: config.keystoneAnswerMs,
    cacheMs: config.keystoneCacheMs,
    serviceRoles: config.keystoneServiceRoles,
    ...(keystoneCaFile === undefined ? {} : { ca: bytesOf("[keystone_authtoken] cafile", keystoneCaFile) }),
  };
}
