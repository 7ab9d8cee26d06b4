import { parseListenAddress, parseTlsAddress } from "#grpc/listen-address.js";
import { address } from "./address.js";
import { option, withDefault } from "./option.js";
import { absolutePath, flag, oneOf } from "./types.js";

/** The gRPC door. */
export const grpcOptions = {
  grpcListen: withDefault(
    option(
      "grpc.listen",
      address("unix:/path, 127.0.0.1:port, [::1]:port or localhost:port; port 0 takes a free one", parseListenAddress),
      "Where gRPC is served to this machine. Whoever gets in is the operator.",
    ),
    "unix:/run/configdrive/grpc.sock",
  ),
  grpcReflection: withDefault(
    option("grpc.reflection", flag, "Tells clients such as grpcurl what the service offers."),
    "true",
  ),
  grpcTlsListen: option(
    "grpc.tls_listen",
    address("host:port, an IPv6 address in brackets; port 0 takes a free one", parseTlsAddress),
    "Where gRPC is served to other machines, with TLS and to callers that say who they are ([security.md](security.md)). It needs `tls_certificate` and `tls_key`.",
    { fallbackShown: "none: only this machine is served" },
  ),
  grpcTlsCertificate: option(
    "grpc.tls_certificate",
    absolutePath,
    "The certificate of `tls_listen` in PEM, followed by those between it and its authority.",
    { reloadable: true },
  ),
  grpcTlsKey: option("grpc.tls_key", absolutePath, "The key of that certificate, in PEM.", { reloadable: true }),
  grpcTlsMinimum: withDefault(
    option("grpc.tls_minimum", oneOf("1.2", "1.3"), "The oldest version of TLS that is spoken."),
    "1.2",
  ),
  grpcClientCa: option(
    "grpc.client_ca",
    absolutePath,
    "The certificates of those who may vouch for callers, in PEM. With it nobody gets through without a certificate. Whether it is set is read at the start; what it holds is read again.",
    { reloadable: true },
  ),
  grpcClientCrl: option(
    "grpc.client_crl",
    absolutePath,
    "Certificates of callers that their authority took back: its revocation list, in PEM.",
    { reloadable: true },
  ),
  grpcIdentitiesFile: option(
    "grpc.identities_file",
    absolutePath,
    "Who is who by certificate: user, roles and projects ([security.md](security.md)), in YAML or JSON. It goes with `client_ca`.",
    { reloadable: true },
  ),
} as const;
