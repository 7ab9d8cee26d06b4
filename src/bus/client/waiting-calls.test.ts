import { ManualClock } from "../manual-clock.js";
import { encodeFailure, failureOf } from "../wire/failure.js";
import { CallTimeout } from "./call-errors.js";
import { WaitingCalls } from "./waiting-calls.js";

let clock: ManualClock;
let calls: WaitingCalls;
const reply = { msgId: "m", ending: true, result: null, failure: undefined };

beforeEach(() => {
  clock = new ManualClock();
  calls = new WaitingCalls(clock, new Map());
});

describe("replies find their call (wire §6)", () => {
  test("by message id; the result is what the final reply says", async () => {
    const call = calls.wait("m", undefined, "x");
    expect(calls.settle({ ...reply, result: 5 })).toBe(true);
    expect(await call.reply).toBe(5);
  });

  test("a reply without a result leaves the last partial one standing", async () => {
    const call = calls.wait("m", undefined, "x");
    calls.settle({ ...reply, ending: false, result: 1 });
    calls.settle({ ...reply, ending: false, result: 2 });
    calls.settle(reply);
    expect(await call.reply).toBe(2);
  });

  test("a failure wins over a result", async () => {
    const call = calls.wait("m", undefined, "x");
    calls.settle({ ...reply, result: 1, failure: encodeFailure(failureOf("builtins", "ValueError", "no")) });
    await expect(call.reply).rejects.toMatchObject({ exception: "builtins.ValueError" });
  });

  test("unknown, late and nameless replies belong to nobody", () => {
    const call = calls.wait("m", undefined, "x");
    call.forget();
    expect(calls.settle(reply)).toBe(false);
    expect(calls.settle({ ...reply, msgId: "other" })).toBe(false);
    expect(calls.settle({ ...reply, msgId: undefined })).toBe(false);
    expect(calls.size).toBe(0);
  });
});

describe("monitored calls (wire §8)", () => {
  const heartbeat = { ...reply, ending: false };

  test("end when nothing is heard for the agreed time, which every heartbeat begins anew", async () => {
    const call = calls.wait("m", 2000, "boot at compute");
    await clock.advance(10_000);
    call.startMonitor();
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(1900);
      calls.settle(heartbeat);
    }
    await clock.advance(2000);
    await expect(call.reply).rejects.toThrow(new CallTimeout("no sign of life of boot at compute", 2000));
  });

  test("a heartbeat that nobody asked for means nothing", async () => {
    const call = calls.wait("m", undefined, "x");
    call.startMonitor();
    expect(calls.settle(heartbeat)).toBe(true);
    expect(clock.pending).toBe(0);
    calls.settle({ ...reply, result: "done" });
    expect(await call.reply).toBe("done");
  });

  test("no timer outlives its call", () => {
    const call = calls.wait("m", 2000, "x");
    call.startMonitor();
    calls.settle(heartbeat);
    call.forget();
    expect(clock.pending).toBe(0);
    call.startMonitor();
    expect(clock.pending).toBe(0);
  });
});
