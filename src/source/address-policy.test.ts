import { AddressPolicy, parseNetwork } from "./address-policy.js";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.255.255",
  "192.168.0.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "3fff::1",
  "5f00::1",
  "2002:7f00:1::",
  "fe80::1",
  "fd00::1",
  "ff02::1",
])("%s is near, and not reached unless the operator allows it", (address) => {
  expect(new AddressPolicy().allows(address)).toBe(false);
});

test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])("%s is public", (address) => {
  expect(new AddressPolicy().allows(address)).toBe(true);
});

test("an allowed network opens just that network", () => {
  const network = parseNetwork("10.1.0.0/16");
  if (network === undefined) throw new Error("not a network");
  const policy = new AddressPolicy([network]);
  expect(policy.allows("10.1.255.255")).toBe(true);
  expect(policy.allows("10.2.0.0")).toBe(false);
});

test.each(["", "10.0.0.0/33", "10.0.0/8", "::1/129", "a/8", "10.0.0.0/8/8", "10.0.0.0/-1"])(
  "%j is no network",
  (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  },
);
