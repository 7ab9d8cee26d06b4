import { addressProblem } from "./address.js";

test.each(["unix:/run/a.sock", "127.0.0.1:50051", "[::1]:1", "localhost:65535"])("%s is taken", (text) => {
  expect(addressProblem(text)).toBeUndefined();
});

test.each([
  ["unix:relative", "absolute"],
  [`unix:/${"x".repeat(107)}`, "107 bytes"],
  ["127.0.0.1:0", "from 1 to 65535"],
  ["127.0.0.1:65536", "from 1 to 65535"],
  ["10.0.0.1:1", "on this machine"],
  ["[::2]:1", "on this machine"],
  ["adapter", "must be unix:/path"],
  ["::1:1", "must be unix:/path"],
])("%s is refused: %s", (text, rule) => {
  expect(addressProblem(text)).toContain(rule);
});
