import { setImmediate } from "node:timers/promises";
import type { Span } from "./span.js";
import { Tracer, type Work } from "./tracer.js";

const parent = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  parentId: "00f067aa0ba902b7",
  sampled: true,
  state: "vendor=1",
};

function open(sampled = true) {
  const spans: Span[] = [];
  let ids = 0;
  let now = 1000;
  const tracer = new Tracer({
    ids: { hex: () => String(++ids).padStart(16, "a").padEnd(32, "0") },
    now: () => now++,
    sample: () => sampled,
    ended: (span) => spans.push(span),
  });
  const work = (name: string, more: Partial<Work> = {}): Work => ({
    ...{ name, attributes: { a: "1" }, parent: undefined, reasonOf: () => "DRIVE_BUSY" },
    ...more,
  });
  return { tracer, spans, work };
}

test("work is a span of its caller's trace, and the requests that it makes are of the same trace", async () => {
  const { tracer, spans, work } = open();
  const made = await tracer.trace(work("w", { parent }), async () => {
    await setImmediate();
    return tracer.current;
  });
  const [span] = spans;
  expect(span).toMatchObject({ traceId: parent.traceId, parentId: parent.parentId, name: "w", attributes: { a: "1" } });
  expect(span).toMatchObject({ startedAt: 1000, endedAt: 1001, error: undefined });
  expect(made).toEqual({ traceId: parent.traceId, parentId: span?.spanId, sampled: true, state: "vendor=1" });
  expect(tracer.current).toBeUndefined();
});

test("two at a time are not mixed up", async () => {
  const { tracer, work } = open();
  const seen = await Promise.all(
    ["1", "2"].map((digit) =>
      tracer.trace(work("w", { parent: { ...parent, traceId: digit.repeat(32) } }), async () => {
        await setImmediate();
        return tracer.current?.traceId;
      }),
    ),
  );
  expect(seen).toEqual(["1".repeat(32), "2".repeat(32)]);
});

test("what fails is told with its reason, and thrown on", async () => {
  const { tracer, spans, work } = open();
  const failing = tracer.trace(work("w"), async () => {
    throw new Error("hunter2");
  });
  await expect(failing).rejects.toThrow("hunter2");
  expect(spans).toMatchObject([{ error: "DRIVE_BUSY", parentId: undefined }]);
  expect(JSON.stringify(spans)).not.toContain("hunter2");
});

test("a trace that the caller does not record, or that was not chosen, is passed on and not recorded", async () => {
  const { tracer, spans, work } = open(false);
  const passed = await tracer.trace(work("w", { parent: { ...parent, sampled: false } }), async () => tracer.current);
  expect(passed).toMatchObject({ traceId: parent.traceId, sampled: false });
  await tracer.trace(work("w"), async () => {
    expect(tracer.current?.sampled).toBe(false);
  });
  expect(spans).toEqual([]);
});
