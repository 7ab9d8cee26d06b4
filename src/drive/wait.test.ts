import { Refusal } from "./refusal.js";
import { untilAborted } from "./wait.js";

const never = new AbortController().signal;

test("gives what the work gives", async () => {
  expect(await untilAborted(Promise.resolve(7), never)).toBe(7);
  await expect(untilAborted(Promise.reject(new Refusal("DRIVE_BUSY", "b")), never)).rejects.toMatchObject({
    reason: "DRIVE_BUSY",
  });
});

test.each([
  ["DEADLINE_EXCEEDED", "a time-out", new DOMException("late", "TimeoutError")],
  ["CANCELLED", "a caller that went away", new DOMException("gone", "AbortError")],
  ["SHUTTING_DOWN", "a refusal", new Refusal("SHUTTING_DOWN", "stops")],
])("%s where the wait is ended by %s", async (reason, _, why) => {
  const controller = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort(why);
  await expect(waiting).rejects.toMatchObject({ reason });
});

test("work that fails after nobody waits for it any more harms nobody", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  try {
    const work = Promise.withResolvers<never>();
    await expect(untilAborted(work.promise, AbortSignal.abort())).rejects.toMatchObject({ reason: "CANCELLED" });
    work.reject(new Error("too late to tell"));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
});
