import { listenProblem } from "./listen.js";

test.each(["unix:/run/x.sock", "127.0.0.1:0", "127.1.2.3:65535", "[::1]:50051", "localhost:1"])(
  "%s is taken",
  (given) => {
    expect(listenProblem(given)).toBeUndefined();
  },
);

test.each([
  ["unix:run/x.sock", /unix:\/absolute/],
  ["127.0.0.1", /address:port/],
  ["127.0.0.1:65536", /address:port/],
  ["127.0.0.256:1", /needs TLS/],
  ["0.0.0.0:1", /needs TLS/],
  ["[::]:1", /needs TLS/],
  ["127.0.0.1.example.org:1", /needs TLS/],
  ["", /address:port/],
])("%j is refused", (given, rule) => {
  expect(listenProblem(given)).toMatch(rule);
});
