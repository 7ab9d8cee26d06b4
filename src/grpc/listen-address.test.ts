import { formatTarget, parseListenAddress, parseTlsAddress } from "./listen-address.js";

test.each(["unix:/run/configdrive/grpc.sock", "127.0.0.1:0", "127.8.0.1:50051", "[::1]:50051", "localhost:50051"])(
  "served: %s",
  (text) => {
    expect(formatTarget(parseListenAddress(text))).toBe(text);
  },
);

test.each([
  ["unix:run/sock", "must be absolute"],
  [`unix:/${"x".repeat(107)}`, "has at most 107 bytes"],
  [`unix:/${"x".repeat(95)}/s`, "its directory 95"],
  ["0.0.0.0:50051", "without TLS"],
  ["[::]:50051", "without TLS"],
  ["10.0.0.1:50051", "without TLS"],
  ["controller:50051", "without TLS"],
  ["127.0.0.1:65536", "from 0 to 65535"],
  ["127.0.0.1", "must be unix:/path or host:port"],
  ["::1:50051", "must be unix:/path or host:port"],
  ["", "must be unix:/path or host:port"],
])("refused: %s", (text, rule) => {
  expect(() => parseListenAddress(text)).toThrow(`[grpc] listen = ${text}`);
  expect(() => parseListenAddress(text)).toThrow(rule);
});

test.each(["0.0.0.0:50051", "[::]:0", "controller:50051", "127.0.0.1:1"])("served with TLS: %s", (text) => {
  expect(formatTarget(parseTlsAddress(text))).toBe(text);
});

test.each(["unix:/run/s", "0.0.0.0", "::1:50051", "controller:65536"])("refused with TLS: %s", (text) => {
  expect(() => parseTlsAddress(text)).toThrow(`[grpc] tls_listen = ${text}`);
});
