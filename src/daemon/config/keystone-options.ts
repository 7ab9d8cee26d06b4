import { option, withDefault } from "./option.js";
import { absolutePath, httpUrl, listOf, seconds, secret, word } from "./types.js";

/** Who may be asked about tokens; under the names that every OpenStack service has for it (keystonemiddleware). */
export const keystoneOptions = {
  keystoneUrl: option(
    "keystone_authtoken.auth_url",
    httpUrl,
    "Where Keystone is, such as `https://controller:5000`. With it gRPC's callers may say who they are by `x-auth-token` ([security.md](security.md)).",
  ),
  keystoneUsername: option("keystone_authtoken.username", word, "The service's own user, who asks about tokens."),
  keystonePassword: option("keystone_authtoken.password", secret, "That user's password.", { secret: true }),
  keystoneUserDomain: withDefault(
    option("keystone_authtoken.user_domain_name", word, "The domain of that user."),
    "Default",
  ),
  keystoneProject: withDefault(
    option(
      "keystone_authtoken.project_name",
      word,
      "The project in which that user has the role `service` or `admin`.",
    ),
    "service",
  ),
  keystoneProjectDomain: withDefault(
    option("keystone_authtoken.project_domain_name", word, "The domain of that project."),
    "Default",
  ),
  keystoneCaFile: option(
    "keystone_authtoken.cafile",
    absolutePath,
    "The certificates of those who may vouch for Keystone, in PEM.",
    { fallbackShown: "those that Node.js trusts" },
  ),
  keystoneAnswerMs: withDefault(
    option("keystone_authtoken.http_connect_timeout", seconds(0.1, 600), "How long Keystone may take to answer."),
    "10",
  ),
  keystoneCacheMs: withDefault(
    option(
      "keystone_authtoken.token_cache_time",
      seconds(0, 3600),
      "How long what Keystone said of a token is believed. A token that is revoked is let in no longer than that.",
    ),
    "300",
  ),
  keystoneServiceRoles: withDefault(
    option(
      "keystone_authtoken.service_token_roles",
      listOf("roles separated by commas", (text) => (text === "" ? undefined : text)),
      "The roles of which a service has one that may go on for a user whose token has expired (`x-service-token`).",
    ),
    "service",
  ),
} as const;
