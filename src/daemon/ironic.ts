import { randomBytes } from "node:crypto";
import { IronicHypervisor } from "#adapters/ironic/adapter.js";
import type { Credentials } from "#adapters/ironic/credentials.js";
import { Refusal } from "#drive/refusal.js";
import { OwnToken } from "#keystone/own-token.js";
import { bytesOf } from "./config/bytes-of.js";
import { ironicMediaSettings } from "./config/ironic-media.js";
import type { Config } from "./config/options.js";

/**
 * The Ironic that is configured. Refuses with INVALID_ARGUMENT what says too little of it.
 * @throws ConfigError for virtual media that could not be served
 */
export function openIronic(config: Config): IronicHypervisor {
  const media = ironicMediaSettings(config);
  return new IronicHypervisor({
    url: given(config.ironicEndpoint, "endpoint_override", "[drives] hypervisor = ironic"),
    ...(config.ironicCaFile === undefined ? {} : { caFile: config.ironicCaFile }),
    credentials: credentialsOf(config),
    ...(media === undefined ? {} : { media: { ...media, newName: () => randomBytes(24).toString("hex") } }),
    rebuild: config.ironicRebuild,
    maxTextBytes: config.ironicMaxTextBytes,
    answerMs: config.ironicAnswerMs,
    lockMs: config.ironicLockMs,
    deployMs: config.ironicDeployMs,
  });
}

function credentialsOf(config: Config): Credentials {
  const { ironicAuthType: kind, ironicCaFile: caFile } = config;
  if (kind === "none") return { kind };
  const why = `[ironic] auth_type = ${kind}`;
  const username = given(config.ironicUsername, "username", why);
  const password = given(config.ironicPassword, "password", why);
  if (kind === "http_basic") return { kind: "basic", user: username, password };
  const login = {
    authUrl: given(config.ironicAuthUrl, "auth_url", why),
    ...{ username, password: password.reveal() },
    userDomainName: config.ironicUserDomain,
    projectName: config.ironicProject,
    projectDomainName: config.ironicProjectDomain,
    answerMs: config.ironicAnswerMs,
    ...(caFile === undefined ? {} : { ca: bytesOf("[ironic] cafile", caFile) }),
  };
  return { kind: "keystone", tokens: new OwnToken(login, Date.now) };
}

function given<T>(value: T | undefined, name: string, because: string): T {
  if (value !== undefined) return value;
  throw new Refusal("INVALID_ARGUMENT", `${because} needs [ironic] ${name}`, {
    violations: [{ field: `ironic.${name}`, rule: `is required with ${because}` }],
  });
}
