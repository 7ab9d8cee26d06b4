import { option, withDefault } from "./option.js";
import { absolutePath, httpUrl, oneOf, seconds, secret, word } from "./types.js";

/** For `hypervisor = openstack`: whose servers are served, under the names of a Keystone session everywhere in OpenStack. */
export const openstackOptions = {
  openstackAuthUrl: option(
    "openstack.auth_url",
    httpUrl,
    "For `hypervisor = openstack`: where Keystone is, whose catalog has nova, Cinder and Glance ([openstack.md](openstack.md)).",
  ),
  openstackUsername: option("openstack.username", word, "Who the service is there: a member of the project."),
  openstackPassword: option("openstack.password", secret, "That user's password.", { secret: true }),
  openstackUserDomain: withDefault(option("openstack.user_domain_name", word, "The domain of that user."), "Default"),
  openstackProject: option("openstack.project_name", word, "The project whose servers are served."),
  openstackProjectDomain: withDefault(
    option("openstack.project_domain_name", word, "The domain of that project."),
    "Default",
  ),
  openstackServiceUsername: option(
    "openstack.service_username",
    word,
    "Who vouches for the service with a token of its own in each request: a user with the role `service`.",
    { fallbackShown: "nobody" },
  ),
  openstackServicePassword: option("openstack.service_password", secret, "That user's password.", { secret: true }),
  openstackServiceUserDomain: withDefault(
    option("openstack.service_user_domain_name", word, "The domain of that user."),
    "Default",
  ),
  openstackServiceProject: withDefault(
    option("openstack.service_project_name", word, "The project in which that user has the role."),
    "service",
  ),
  openstackServiceProjectDomain: withDefault(
    option("openstack.service_project_domain_name", word, "The domain of that project."),
    "Default",
  ),
  openstackCaFile: option(
    "openstack.cafile",
    absolutePath,
    "The certificates of those who may vouch for Keystone and the other services, in PEM.",
    { fallbackShown: "those that Node.js trusts" },
  ),
  openstackRegion: option("openstack.region_name", word, "The region of the catalog's endpoints.", {
    fallbackShown: "the first in the catalog",
  }),
  openstackInterface: withDefault(
    option(
      "openstack.interface",
      oneOf("public", "internal", "admin"),
      "Which of the catalog's endpoints of a service is called.",
    ),
    "public",
  ),
  openstackVolumeType: option("openstack.volume_type", word, "The type of the volumes that drives are.", {
    fallbackShown: "Cinder's default",
  }),
  openstackAnswerMs: withDefault(
    option("openstack.timeout", seconds(0.1, 600), "How long a service may take to answer."),
    "30",
  ),
  openstackTaskMs: withDefault(
    option(
      "openstack.task_timeout",
      seconds(0.1, 3600),
      "How long a volume may take to be filled, attached, let go by its guest, or deleted.",
    ),
    "180",
  ),
} as const;
