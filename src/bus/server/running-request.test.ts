import { ManualClock } from "../manual-clock.js";
import { RunningRequest } from "./running-request.js";

function request(clock: ManualClock, deadline: number | undefined): RunningRequest {
  const wanted = { method: "m", namespace: undefined, version: "1.0", args: {} };
  return new RunningRequest(wanted, { context: {}, msgId: "id" }, deadline, clock);
}

test("the signal aborts at the deadline", async () => {
  const clock = new ManualClock(1_000_000);
  const running = request(clock, 1_005_000);
  const { signal } = running;
  await clock.advance(4999);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("a signal that is asked for late tells what happened before", () => {
  const clock = new ManualClock(10);
  const running = request(clock, undefined);
  running.abort(new Error("stopped"));
  expect(running.signal.reason).toEqual(new Error("stopped"));
  expect(request(clock, 5).signal.aborted).toBe(true);
});

test("a method that is over leaves no timer behind", () => {
  const clock = new ManualClock();
  const running = request(clock, 5000);
  expect(running.signal.aborted).toBe(false);
  expect(clock.pending).toBe(1);
  running.end();
  expect(clock.pending).toBe(0);
});

test("a deadline beyond what a timer can hold does not abort at once", () => {
  const clock = new ManualClock();
  expect(request(clock, 1e15).signal.aborted).toBe(false);
  expect(clock.pending).toBe(0);
});

test("a trace context in the headers is told, anything else there is not", () => {
  const clock = new ManualClock(0);
  const wanted = { method: "m", namespace: undefined, version: "1.0", args: {} };
  const trace = (headers: object) =>
    new RunningRequest(wanted, { context: {}, msgId: "id" }, undefined, clock, { ...headers }).trace;
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  expect(trace({ traceparent })).toMatchObject({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", sampled: true });
  expect(trace({ traceparent: 5 })).toBeUndefined();
});
