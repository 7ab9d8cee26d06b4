import { type ConnectFailureKind, connectFailure } from "./connect-failure.js";

function systemError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

const failures: readonly [ConnectFailureKind, Error][] = [
  ["unreachable", systemError("ECONNREFUSED", "connect ECONNREFUSED 10.0.0.1:5672")],
  ["unreachable", systemError("ENOTFOUND")],
  ["unreachable", new Error("connect ETIMEDOUT")],
  ["unreachable", new AggregateError([systemError("ECONNREFUSED")])],
  [
    "login-refused",
    new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused"'),
  ],
  ["vhost-refused", new Error("Expected ConnectionOpenOk; got <ConnectionClose channel:0>")],
  ["tls", systemError("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate")],
  ["tls", systemError("ERR_TLS_CERT_ALTNAME_INVALID")],
  ["tls", systemError("ENOENT", "ENOENT: no such file or directory, open '/etc/ca.pem'")],
  ["protocol", new Error("SASL mechanism EXTERNAL is not provided by the server")],
  ["unreachable", new Error("Socket closed abruptly during opening handshake")],
];

test.each(failures.map(([kind, error]) => ({ kind, text: error.message || error.name, error })))(
  "$kind: $text",
  ({ kind, error }) => {
    const failure = connectFailure("mq1:5672", error);
    expect(failure.kind).toBe(kind);
    expect(failure.message).toMatch(/^mq1:5672: ./);
  },
);

test("what the broker says of a refused login, who it was included, is not repeated", () => {
  const text = "ACCESS_REFUSED - Login was refused for user bob";
  expect(connectFailure("mq1:5672", new Error(text)).message).not.toContain("bob");
});
