import { ManualClock } from "../manual-clock.js";
import { Deadline } from "./deadline.js";

const late = (): Error => new Error("late");

test("aborts when its time is up, with its reason", async () => {
  const clock = new ManualClock(1000);
  const deadline = new Deadline(clock, 500, late);
  expect(deadline.at).toBe(1500);
  await clock.advance(499);
  expect(deadline.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(deadline.signal.reason).toEqual(new Error("late"));
});

test("aborts with an outer signal, whether that aborts before or after it was made", () => {
  const outer = new AbortController();
  const before = new Deadline(new ManualClock(), 500, late, outer.signal);
  outer.abort(new Error("cancelled"));
  const after = new Deadline(new ManualClock(), 500, late, outer.signal);
  for (const deadline of [before, after]) expect(deadline.signal.reason).toEqual(new Error("cancelled"));
});

test("leaves neither a timer nor a listener behind", () => {
  const clock = new ManualClock();
  const outer = new AbortController();
  let disposed = 0;
  const deadline = new Deadline(clock, 500, late, outer.signal, () => disposed++);
  expect(clock.pending).toBe(1);
  deadline[Symbol.dispose]();
  expect(clock.pending).toBe(0);
  expect(disposed).toBe(1);
  outer.abort(new Error("cancelled"));
  expect(deadline.signal.aborted).toBe(false);
});

test("a time beyond what timers reach does not end at once", async () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, Number.POSITIVE_INFINITY, late);
  await clock.advance(2 ** 31 - 2);
  expect(deadline.signal.aborted).toBe(false);
});
