import { isAbsolute } from "node:path";
import { parseNetwork } from "#source/address-policy.js";
import { option, withDefault } from "./option.js";
import { flag, httpUrl, integer, listOf, seconds, secret, word } from "./types.js";

const none = { fallbackShown: "none" };

/** Where content may come from by reference. */
export const sourceOptions = {
  sourceNetworks: withDefault(
    option(
      "sources.allowed_networks",
      listOf("networks such as 10.1.0.0/16, separated by commas", parseNetwork),
      "Networks that are not public and that callers may name addresses in all the same. Public addresses always may be named.",
      none,
    ),
    "",
  ),
  sourcePlainHttp: withDefault(
    option(
      "sources.allow_plain_http",
      flag,
      "Reads `http://` too. Without TLS anybody on the way can change the bytes.",
    ),
    "false",
  ),
  sourceRedirects: withDefault(
    option("sources.redirects", integer(0, 10), "How many redirects are followed; each is held to the same rules."),
    "0",
  ),
  sourceFolders: withDefault(
    option(
      "sources.file_folders",
      listOf("absolute paths, separated by commas", (text) => (isAbsolute(text) ? text : undefined)),
      "Folders that `file://` may read below. Every caller may read all that the service can read there.",
      none,
    ),
    "",
  ),
  sourceSilenceMs: withDefault(
    option("sources.timeout", seconds(0.1, 600), "Longest silence of a server that content is read from."),
    "30",
  ),
  sourceAttempts: withDefault(
    option(
      "sources.attempts",
      integer(1, 20),
      "How often a server is asked before content is given up; a cut transfer goes on where it stopped.",
    ),
    "5",
  ),
  s3Region: option("s3.region", word, "The region of the S3 service. Without it, `s3://` is not read."),
  s3Endpoint: option("s3.endpoint_url", httpUrl, "Where the S3 service is.", { fallbackShown: "AWS, by its region" }),
  s3PathStyle: withDefault(
    option(
      "s3.path_style",
      flag,
      "Names buckets in the path and not in the host name, as most services but AWS need it.",
    ),
    "true",
  ),
  s3AccessKey: option("s3.access_key", word, "The access key id. It goes with `secret_key`.", {
    fallbackShown: "as the AWS SDK finds one",
  }),
  s3SecretKey: option("s3.secret_key", secret, "The secret access key.", { secret: true }),
  swiftAuthUrl: option(
    "swift.auth_url",
    httpUrl,
    "Where Swift's version 1 authentication is asked, such as `https://host/auth/v1.0`. Without it, `swift://` is not read.",
  ),
  swiftUser: option("swift.user", word, "The user, such as `account:user`. It goes with `auth_url` and `key`."),
  swiftKey: option("swift.key", secret, "The user's key.", { secret: true }),
  swiftStorageUrl: option("swift.storage_url", httpUrl, "Where the account's objects stand.", {
    fallbackShown: "where authentication says",
  }),
} as const;
