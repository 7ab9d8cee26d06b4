import { Deadline } from "./deadline.js";

const clockOf = (timers: { milliseconds: number; action: () => void; stopped: boolean }[]) => ({
  now: () => 1000,
  after: (milliseconds: number, action: () => void) => {
    const timer = { milliseconds, action, stopped: false };
    timers.push(timer);
    return {
      stop: () => {
        timer.stopped = true;
      },
    };
  },
});

test("aborts when its time is up, with its reason", () => {
  const timers: { milliseconds: number; action: () => void; stopped: boolean }[] = [];
  const deadline = new Deadline(clockOf(timers), 500, () => new Error("late"));
  expect(deadline.at).toBe(1500);
  expect(deadline.signal.aborted).toBe(false);
  timers[0]?.action();
  expect(deadline.signal.reason).toEqual(new Error("late"));
});

test("aborts with an outer signal, before or after it was made", () => {
  const outer = new AbortController();
  const before = new Deadline(clockOf([]), 500, () => new Error("late"), outer.signal);
  outer.abort(new Error("cancelled"));
  const after = new Deadline(clockOf([]), 500, () => new Error("late"), outer.signal);
  for (const deadline of [before, after]) expect(deadline.signal.reason).toEqual(new Error("cancelled"));
});

test("leaves neither a timer nor a listener behind", () => {
  const timers: { milliseconds: number; action: () => void; stopped: boolean }[] = [];
  const outer = new AbortController();
  let disposed = 0;
  {
    using deadline = new Deadline(
      clockOf(timers),
      500,
      () => new Error("late"),
      outer.signal,
      () => disposed++,
    );
    expect(deadline.signal.aborted).toBe(false);
  }
  expect(timers.map(({ stopped }) => stopped)).toEqual([true]);
  expect(disposed).toBe(1);
});
