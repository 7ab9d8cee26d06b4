import { randomBytes } from "node:crypto";
import { IronicHypervisor } from "#adapters/ironic/adapter.js";
import type { Credentials } from "#adapters/ironic/credentials.js";
import type { ImageServerOptions } from "#adapters/ironic/media/image-server.js";
import { Refusal } from "#drive/refusal.js";
import { parseTlsAddress } from "#grpc/listen-address.js";
import { OwnToken } from "#keystone/own-token.js";
import { bytesOf } from "./config/bytes-of.js";
import type { Config } from "./config/options.js";

/** The Ironic that is configured. Refuses with INVALID_ARGUMENT what says too little of it. */
export function openIronic(config: Config): IronicHypervisor {
  const media = mediaOf(config);
  return new IronicHypervisor({
    url: given(config.ironicEndpoint, "endpoint_override", "[drives] hypervisor = ironic"),
    ...(config.ironicCaFile === undefined ? {} : { caFile: config.ironicCaFile }),
    credentials: credentialsOf(config),
    ...(media === undefined ? {} : { media }),
    rebuild: config.ironicRebuild,
    maxTextBytes: config.ironicMaxTextBytes,
    answerMs: config.ironicAnswerMs,
    lockMs: config.ironicLockMs,
    deployMs: config.ironicDeployMs,
  });
}

function mediaOf(config: Config): ImageServerOptions | undefined {
  const { ironicMediaListen: listen, ironicMediaCertificate: certificate, ironicMediaKey: key } = config;
  if (listen === undefined) return undefined;
  const { host, port } = parseTlsAddress(listen);
  return {
    ...{ host, port, newName: () => randomBytes(24).toString("hex") },
    url: given(config.ironicMediaUrl, "media_url", "[ironic] media_listen"),
    ...(certificate === undefined
      ? {}
      : { tls: { certificate, key: given(key, "media_key", "[ironic] media_certificate") } }),
  };
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
