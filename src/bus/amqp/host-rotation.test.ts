import { HostRotation } from "./host-rotation.js";

test("every host comes once a round, in an order that chance decides and that is then kept", () => {
  const rotation = new HostRotation(["a", "b", "c"], () => 0);
  const round = [rotation.next(), rotation.next(), rotation.next()];
  expect([...round].sort()).toEqual(["a", "b", "c"]);
  expect([rotation.next(), rotation.next(), rotation.next()]).toEqual(round);
});

test("different chances start with different hosts", () => {
  const hosts = ["a", "b", "c", "d"];
  const firsts = new Set([0, 0.3, 0.6, 0.99].map((chance) => new HostRotation(hosts, () => chance).next()));
  expect(firsts.size).toBeGreaterThan(1);
});

test("no host at all is refused", () => {
  expect(() => new HostRotation([], Math.random)).toThrow(RangeError);
});
