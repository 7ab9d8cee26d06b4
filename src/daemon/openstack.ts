import { OpenstackHypervisor } from "#adapters/openstack/adapter.js";
import { Refusal } from "#drive/refusal.js";
import { OwnToken } from "#keystone/own-token.js";
import { bytesOf } from "./config/bytes-of.js";
import type { Config } from "./config/options.js";

/**
 * The servers of the project that is configured. Refuses with INVALID_ARGUMENT what says too little of it.
 * @throws ConfigError for certificates that cannot be read
 */
export function openOpenstack(config: Config): OpenstackHypervisor {
  const given = <T>(value: T | undefined, name: string): T => {
    if (value !== undefined) return value;
    throw new Refusal("INVALID_ARGUMENT", `[drives] hypervisor = openstack needs [openstack] ${name}`, {
      violations: [{ field: `openstack.${name}`, rule: "is required with [drives] hypervisor = openstack" }],
    });
  };
  const { openstackCaFile: file, openstackRegion: region, openstackVolumeType: volumeType } = config;
  const authority = file === undefined ? {} : { ca: bytesOf("[openstack] cafile", file) };
  const answerMs = config.openstackAnswerMs;
  const login = {
    authUrl: given(config.openstackAuthUrl, "auth_url"),
    username: given(config.openstackUsername, "username"),
    password: given(config.openstackPassword, "password").reveal(),
    userDomainName: config.openstackUserDomain,
    projectName: given(config.openstackProject, "project_name"),
    projectDomainName: config.openstackProjectDomain,
    answerMs,
    ...authority,
  };
  return new OpenstackHypervisor({
    tokens: new OwnToken(login, Date.now, true),
    interface: config.openstackInterface,
    answerMs,
    taskMs: config.openstackTaskMs,
    ...authority,
    ...(region === undefined ? {} : { region }),
    ...(volumeType === undefined ? {} : { volumeType }),
  });
}
