import { Project } from "#adapters/openstack/project.js";
import { Refusal } from "#drive/refusal.js";
import { OwnToken } from "#keystone/own-token.js";
import type { Login } from "#keystone/settings.js";
import { bytesOf } from "./config/bytes-of.js";
import type { Config } from "./config/options.js";

/**
 * The project that is configured. Refuses with INVALID_ARGUMENT what says too little of it.
 * @throws ConfigError for certificates that cannot be read
 */
export function openProject(config: Config): Project {
  const { openstackCaFile: file, openstackRegion: region, openstackVolumeType: volumeType } = config;
  const authority = file === undefined ? {} : { ca: bytesOf("[openstack] cafile", file) };
  const answerMs = config.openstackAnswerMs;
  const keystone = {
    authUrl: given(config.openstackAuthUrl, "auth_url", WITH_DRIVER),
    answerMs,
    ...authority,
  };
  const login: Login = {
    ...keystone,
    username: given(config.openstackUsername, "username", WITH_DRIVER),
    password: given(config.openstackPassword, "password", WITH_DRIVER).reveal(),
    userDomainName: config.openstackUserDomain,
    projectName: given(config.openstackProject, "project_name", WITH_DRIVER),
    projectDomainName: config.openstackProjectDomain,
  };
  const vouching = serviceLogin(config, keystone);
  return new Project({
    tokens: new OwnToken(login, Date.now, true),
    ...(vouching === undefined ? {} : { serviceTokens: new OwnToken(vouching, Date.now) }),
    interface: config.openstackInterface,
    answerMs,
    taskMs: config.openstackTaskMs,
    ...authority,
    ...(region === undefined ? {} : { region }),
    ...(volumeType === undefined ? {} : { volumeType }),
  });
}

const WITH_DRIVER = "[drives] hypervisor = openstack";

/** Who vouches for the service, where somebody does. */
function serviceLogin(config: Config, keystone: Pick<Login, "authUrl" | "answerMs" | "ca">): Login | undefined {
  if (config.openstackServiceUsername === undefined) return undefined;
  return {
    ...keystone,
    username: config.openstackServiceUsername,
    password: given(config.openstackServicePassword, "service_password", "[openstack] service_username").reveal(),
    userDomainName: config.openstackServiceUserDomain,
    projectName: config.openstackServiceProject,
    projectDomainName: config.openstackServiceProjectDomain,
  };
}

function given<T>(value: T | undefined, name: string, by: string): T {
  if (value !== undefined) return value;
  throw new Refusal("INVALID_ARGUMENT", `${by} needs [openstack] ${name}`, {
    violations: [{ field: `openstack.${name}`, rule: `is required with ${by}` }],
  });
}
