import { option, withDefault } from "./option.js";
import { absolutePath, httpUrl, seconds, secret, word } from "./types.js";

/** Where nova's API is, and who asks it for instances that vanished; under the names of a Keystone session everywhere in OpenStack. */
export const novaApiOptions = {
  novaEndpoint: option(
    "nova_api.endpoint_override",
    httpUrl,
    "nova's compute API up to and with the version, such as `http://controller:8774/v2.1`. With it the service looks from time to time whether nova still has the instances whose drives nova-compute had built here, and lets go of those that it says are not there ([nova.md](nova.md)).",
    { fallbackShown: "none: nova is not asked" },
  ),
  novaAuthUrl: option("nova_api.auth_url", httpUrl, "Where Keystone is, such as `https://controller:5000`."),
  novaUsername: option(
    "nova_api.username",
    word,
    "A user of whom nova hides no project's servers: with the role `admin`.",
  ),
  novaPassword: option("nova_api.password", secret, "That user's password.", { secret: true }),
  novaUserDomain: withDefault(option("nova_api.user_domain_name", word, "The domain of that user."), "Default"),
  novaProject: withDefault(
    option("nova_api.project_name", word, "The project in which that user has the role."),
    "service",
  ),
  novaProjectDomain: withDefault(
    option("nova_api.project_domain_name", word, "The domain of that project."),
    "Default",
  ),
  novaCaFile: option(
    "nova_api.cafile",
    absolutePath,
    "The certificates of those who may vouch for Keystone and nova, in PEM.",
    { fallbackShown: "those that Node.js trusts" },
  ),
  novaApiAnswerMs: withDefault(
    option("nova_api.timeout", seconds(0.1, 600), "How long Keystone and nova may take to answer."),
    "30",
  ),
  novaLookMs: withDefault(
    option(
      "nova_api.look_interval",
      seconds(1, 24 * 60 * 60),
      "How often nova is asked, with one request for each instance. One that is not there twice in a row is let go of.",
    ),
    "600",
  ),
} as const;
