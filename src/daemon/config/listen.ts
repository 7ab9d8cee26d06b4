/** What is wrong with a `[grpc] listen`, or `undefined`. Without TLS the service is offered to this machine only. */
export function listenProblem(given: string): string | undefined {
  if (given.startsWith("unix:")) {
    return given.startsWith("unix:/") ? undefined : "a unix socket is written unix:/absolute/path";
  }
  const match = /^(.+):(\d{1,5})$/.exec(given);
  if (match?.[1] === undefined || Number(match[2]) > 65535) return "must be unix:/path or address:port";
  if (isLoopback(match[1])) return undefined;
  return "an address other than this machine's own (127.0.0.1, [::1], localhost) needs TLS, which is not there yet";
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "[::1]") return true;
  const parts = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  return parts?.slice(1).every((part) => Number(part) <= 255) ?? false;
}
