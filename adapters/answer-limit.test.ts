import { AnswerLimit } from "./answer-limit.js";

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

test("passes after its time", async () => {
  using limit = new AnswerLimit(new AbortController().signal, 1);
  await aborted(limit.signal);
  expect(limit.passed).toBe(true);
  expect(limit.signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("ends when the caller gives up, before it and after it, with the caller's reason", () => {
  const caller = new AbortController();
  using limit = new AnswerLimit(caller.signal, 60_000);
  expect(limit.signal.aborted).toBe(false);
  const reason = new Error("enough");
  caller.abort(reason);
  using late = new AnswerLimit(caller.signal, 60_000);
  for (const each of [limit, late]) {
    expect(each.signal.reason).toBe(reason);
    expect(each.passed).toBe(false);
  }
});

test("hears nothing once it is let go", () => {
  const caller = new AbortController();
  const limit = new AnswerLimit(caller.signal, 60_000);
  limit[Symbol.dispose]();
  caller.abort();
  expect(limit.signal.aborted).toBe(false);
});
