import { TokenBuckets } from "./token-buckets.js";

let now: number;
beforeEach(() => {
  now = 0;
});
const buckets = (perSecond: number, atOnce: number) => new TokenBuckets({ perSecond, atOnce }, () => now);

/** How many come through when each that may not now is given up. */
function through(of: TokenBuckets, key: string, attempts: number): number {
  let passed = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (of.waitFor(key, 1) > 0) continue;
    of.take(key, 1);
    passed++;
  }
  return passed;
}

test("so many come at once, and then so many a second; the wait that is told is the one that is needed", () => {
  const two = buckets(2, 5);
  expect(through(two, "a", 20)).toBe(5);
  expect(two.waitFor("a", 1)).toBe(500);
  now += 499;
  expect(two.waitFor("a", 1)).toBe(1);
  now += 1;
  expect(two.waitFor("a", 1)).toBe(0);
  expect(through(two, "a", 20)).toBe(1);
  now += 3600_000;
  expect(through(two, "a", 20)).toBe(5);
});

test("one key's bucket is not another's", () => {
  const one = buckets(1, 1);
  expect([through(one, "a", 3), through(one, "b", 3)]).toEqual([1, 1]);
});

test("what is known afterwards is owed, and paid off before more may come", () => {
  const bytes = buckets(100, 1000);
  bytes.take("p", 1500);
  expect(bytes.waitFor("p", 1)).toBe(5010);
  now += 5010;
  expect(bytes.waitFor("p", 1)).toBe(0);
  // What could never come at once waits for a full bucket and not for ever.
  now += 3600_000;
  expect(bytes.waitFor("p", 5000)).toBe(0);
});

test("without a rate nothing is counted", () => {
  const any = buckets(Number.POSITIVE_INFINITY, 1);
  expect(through(any, "a", 1000)).toBe(1000);
  expect(any.size).toBe(0);
});

test("another rate counts at once, and what came before is not forgotten", () => {
  const slow = buckets(1, 10);
  slow.take("a", 10);
  slow.exchange({ perSecond: 10, atOnce: 2 });
  expect(slow.waitFor("a", 1)).toBe(100);
  now += 3600_000;
  expect(through(slow, "a", 20)).toBe(2);
});

test("names that are made up do not fill the memory, and do not wash out who is in debt", () => {
  const one = buckets(1, 1);
  one.take("busy", 1000);
  for (let index = 0; index < 50_000; index++) {
    now += 1;
    one.take(`made up ${index}`, 1);
  }
  expect(one.size).toBeLessThanOrEqual(10_000);
  expect(one.waitFor("busy", 1)).toBeGreaterThan(900_000);
});
