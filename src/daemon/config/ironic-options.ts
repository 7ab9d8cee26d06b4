import { parseTlsAddress } from "#grpc/listen-address.js";
import { address } from "./address.js";
import { option, withDefault } from "./option.js";
import { absolutePath, flag, httpUrl, integer, oneOf, seconds, secret, word } from "./types.js";

/** Where Ironic is, and who asks it; under the names of a Keystone session everywhere in OpenStack. */
export const ironicOptions = {
  ironicEndpoint: option(
    "ironic.endpoint_override",
    httpUrl,
    "For `hypervisor = ironic`: Ironic's API without the version, such as `http://controller:6385` ([ironic.md](ironic.md)).",
  ),
  ironicAuthType: withDefault(
    option(
      "ironic.auth_type",
      oneOf("none", "http_basic", "password"),
      "How Ironic asks who calls: not at all, by name and password, or by a token for which Keystone takes them.",
    ),
    "none",
  ),
  ironicUsername: option("ironic.username", word, "Who the service is there."),
  ironicPassword: option("ironic.password", secret, "That user's password.", { secret: true }),
  ironicAuthUrl: option(
    "ironic.auth_url",
    httpUrl,
    "For `auth_type = password`: where Keystone is, such as `https://controller:5000`.",
  ),
  ironicUserDomain: withDefault(option("ironic.user_domain_name", word, "The domain of that user."), "Default"),
  ironicProject: withDefault(
    option("ironic.project_name", word, "The project in which Ironic's policy lets that user change nodes."),
    "service",
  ),
  ironicProjectDomain: withDefault(
    option("ironic.project_domain_name", word, "The domain of that project."),
    "Default",
  ),
  ironicCaFile: option(
    "ironic.cafile",
    absolutePath,
    "The certificates of those who may vouch for Keystone and Ironic, in PEM.",
    { fallbackShown: "those that Node.js trusts" },
  ),
  ironicRebuild: withDefault(
    option(
      "ironic.rebuild",
      flag,
      "Lets an attach, refresh or detach rebuild a node that is deployed, the service's own repairs included. **A rebuild writes the node's whole disk anew.** Without it such a node is refused.",
    ),
    "false",
  ),
  ironicMaxTextBytes: withDefault(
    option(
      "ironic.max_text_size",
      integer(1024, 2 ** 30),
      "Most bytes of an image as gzip and base64, in which form Ironic keeps it: no more than its database takes in one statement (`max_allowed_packet` of MariaDB), nor a proxy before it in one request.",
    ),
    String(15 * 1024 * 1024),
  ),
  ironicAnswerMs: withDefault(
    option("ironic.timeout", seconds(0.1, 600), "How long Keystone and Ironic may take to answer one call."),
    "30",
  ),
  ironicLockMs: withDefault(
    option(
      "ironic.lock_timeout",
      seconds(0, 3600),
      "How long a node that somebody else holds locked is asked again (409), and a conductor that has no time (503).",
    ),
    "60",
  ),
  ironicDeployMs: withDefault(
    option(
      "ironic.deploy_timeout",
      seconds(0.1, 24 * 60 * 60),
      "How long a deploy or rebuild is waited for, and a change of virtual media.",
    ),
    "3600",
  ),
  ironicMediaListen: option(
    "ironic.media_listen",
    address("host:port, an IPv6 address in brackets", parseTlsAddress),
    "Where Ironic's conductors fetch images for virtual media ([ironic.md](ironic.md#virtual-media)). It needs `media_url`.",
    { fallbackShown: "none: no virtual media" },
  ),
  ironicMediaUrl: option(
    "ironic.media_url",
    httpUrl,
    "How conductors reach `media_listen`, such as `https://configdrive:8443`: by its own certificate, or by a proxy that has one. It needs `media_listen`.",
  ),
  ironicMediaCertificate: option(
    "ironic.media_certificate",
    absolutePath,
    "The certificate of `media_listen` in PEM, followed by those between it and its authority. It needs `media_key`.",
    { fallbackShown: "none: HTTP" },
  ),
  ironicMediaKey: option("ironic.media_key", absolutePath, "The key of that certificate, in PEM."),
  ironicMediaPlainHttp: withDefault(
    option(
      "ironic.media_allow_plain_http",
      flag,
      "Lets `media_url` be `http://`. Without TLS anybody on the way to the conductors can read images, with the passwords and keys in them.",
    ),
    "false",
  ),
} as const;
