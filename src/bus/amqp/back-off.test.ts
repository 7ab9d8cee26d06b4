import { BackOff } from "./back-off.js";

const settings = { startMs: 1000, stepMs: 2000, maxMs: 6000 };

test("a broker that refuses is asked ever more rarely, up to the cap", () => {
  const backOff = new BackOff(settings, () => 1);
  expect([1, 2, 3, 4, 5].map(() => backOff.next("login-refused"))).toEqual([1000, 3000, 5000, 6000, 6000]);
  backOff.reset();
  expect(backOff.next("vhost-refused")).toBe(1000);
});

test("a broker that is away is tried at the first interval for ever, so that it is found soon after it is back", () => {
  const backOff = new BackOff(settings, () => 1);
  for (let round = 0; round < 100; round += 1) expect(backOff.next("unreachable")).toBe(1000);
});

test("chance takes off at most a fifth", () => {
  expect(new BackOff(settings, () => 0).next("unreachable")).toBe(800);
});

test("a cap below the first interval does not shorten it", () => {
  expect(new BackOff({ startMs: 1000, stepMs: 0, maxMs: 1 }, () => 1).next("tls")).toBe(1000);
});
