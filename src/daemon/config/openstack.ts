import type { OpenstackOptions } from "#adapters/openstack/project.js";
import { OwnToken } from "#keystone/own-token.js";
import type { Login } from "#keystone/settings.js";
import { bytesOf } from "./bytes-of.js";
import { needed } from "./needed.js";
import type { Config } from "./options.js";

/**
 * The project that is configured.
 * @throws ConfigError for options that say too little of it, and for certificates that cannot be read
 */
export function projectSettings(config: Config): OpenstackOptions {
  const { openstackCaFile: file, openstackRegion: region, openstackVolumeType: volumeType } = config;
  const authority = file === undefined ? {} : { ca: bytesOf("[openstack] cafile", file) };
  const answerMs = config.openstackAnswerMs;
  const keystone = {
    authUrl: needed(config.openstackAuthUrl, "[openstack] auth_url", WITH_DRIVER),
    answerMs,
    ...authority,
  };
  const login: Login = {
    ...keystone,
    username: needed(config.openstackUsername, "[openstack] username", WITH_DRIVER),
    password: needed(config.openstackPassword, "[openstack] password", WITH_DRIVER).reveal(),
    userDomainName: config.openstackUserDomain,
    projectName: needed(config.openstackProject, "[openstack] project_name", WITH_DRIVER),
    projectDomainName: config.openstackProjectDomain,
  };
  const vouching = serviceLogin(config, keystone);
  return {
    tokens: new OwnToken(login, Date.now, true),
    ...(vouching === undefined ? {} : { serviceTokens: new OwnToken(vouching, Date.now) }),
    interface: config.openstackInterface,
    answerMs,
    taskMs: config.openstackTaskMs,
    ...authority,
    ...(region === undefined ? {} : { region }),
    ...(volumeType === undefined ? {} : { volumeType }),
  };
}

const WITH_DRIVER = "[drives] hypervisor = openstack";

/** Who vouches for the service, where somebody does. */
function serviceLogin(config: Config, keystone: Pick<Login, "authUrl" | "answerMs" | "ca">): Login | undefined {
  if (config.openstackServiceUsername === undefined) return undefined;
  return {
    ...keystone,
    username: config.openstackServiceUsername,
    password: needed(
      config.openstackServicePassword,
      "[openstack] service_password",
      "[openstack] service_username",
    ).reveal(),
    userDomainName: config.openstackServiceUserDomain,
    projectName: config.openstackServiceProject,
    projectDomainName: config.openstackServiceProjectDomain,
  };
}
