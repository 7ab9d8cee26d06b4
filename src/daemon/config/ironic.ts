import { randomBytes } from "node:crypto";
import type { IronicOptions } from "#adapters/ironic/adapter.js";
import type { Credentials } from "#adapters/ironic/credentials.js";
import { OwnToken } from "#keystone/own-token.js";
import { bytesOf } from "./bytes-of.js";
import { ironicMediaSettings } from "./ironic-media.js";
import { needed } from "./needed.js";
import type { Config } from "./options.js";

/**
 * The Ironic that is configured.
 * @throws ConfigError for options that say too little of it, and for virtual media that could not be served
 */
export function ironicSettings(config: Config): IronicOptions {
  const media = ironicMediaSettings(config);
  return {
    url: needed(config.ironicEndpoint, "[ironic] endpoint_override", "[drives] hypervisor = ironic"),
    ...(config.ironicCaFile === undefined ? {} : { caFile: config.ironicCaFile }),
    credentials: credentialsOf(config),
    ...(media === undefined ? {} : { media: { ...media, newName: () => randomBytes(24).toString("hex") } }),
    rebuild: config.ironicRebuild,
    maxTextBytes: config.ironicMaxTextBytes,
    answerMs: config.ironicAnswerMs,
    lockMs: config.ironicLockMs,
    deployMs: config.ironicDeployMs,
  };
}

function credentialsOf(config: Config): Credentials {
  const { ironicAuthType: kind, ironicCaFile: caFile } = config;
  if (kind === "none") return { kind };
  const why = `[ironic] auth_type = ${kind}`;
  const username = needed(config.ironicUsername, "[ironic] username", why);
  const password = needed(config.ironicPassword, "[ironic] password", why);
  if (kind === "http_basic") return { kind: "basic", user: username, password };
  const login = {
    authUrl: needed(config.ironicAuthUrl, "[ironic] auth_url", why),
    ...{ username, password: password.reveal() },
    userDomainName: config.ironicUserDomain,
    projectName: config.ironicProject,
    projectDomainName: config.ironicProjectDomain,
    answerMs: config.ironicAnswerMs,
    ...(caFile === undefined ? {} : { ca: bytesOf("[ironic] cafile", caFile) }),
  };
  return { kind: "keystone", tokens: new OwnToken(login, Date.now) };
}
