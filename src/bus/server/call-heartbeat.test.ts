import { ManualClock, settled } from "../manual-clock.js";
import { CallHeartbeat, heartbeatIntervalMs } from "./call-heartbeat.js";

test.each([
  [2, 1000],
  [60, 30_000],
  [3, 1500],
  [2.7, 1000],
  ["4", 2000],
  [1, undefined],
  [0, undefined],
  [-5, undefined],
  [true, undefined],
  ["abc", undefined],
  [null, undefined],
  [undefined, undefined],
  [[4], undefined],
  [{}, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])("_timeout %j: a heartbeat every %s ms (wire §8)", (timeout, expected) => {
  expect(heartbeatIntervalMs(timeout)).toBe(expected);
});

test("beats until stopped, and then never again", async () => {
  const clock = new ManualClock();
  let beats = 0;
  const heartbeat = new CallHeartbeat(1000, async () => ++beats > 0, clock);
  await clock.advance(3500);
  expect(beats).toBe(3);
  heartbeat.stop();
  await clock.advance(5000);
  expect([beats, clock.pending]).toEqual([3, 0]);
});

test("ends by itself when nobody is there to hear it", async () => {
  const clock = new ManualClock();
  let beats = 0;
  new CallHeartbeat(1000, async () => ++beats < 2, clock);
  await clock.advance(10_000);
  expect([beats, clock.pending]).toEqual([2, 0]);
});

test("waits for one to be out before it sends the next: a broker that is away hears one, not all that it missed", async () => {
  const clock = new ManualClock();
  const out: (() => void)[] = [];
  const heartbeat = new CallHeartbeat(1000, () => new Promise((resolve) => out.push(() => resolve(true))), clock);
  await clock.advance(5000);
  expect(out).toHaveLength(1);
  out[0]?.();
  await settled();
  await clock.advance(1000);
  expect(out).toHaveLength(2);
  heartbeat.stop();
});
