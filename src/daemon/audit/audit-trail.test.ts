import { ManualClock } from "#bus/manual-clock.js";
import type { Event } from "#bus/notification/notification-publisher.js";
import { AuditTrail } from "./audit-trail.js";

const event = (n: number): Event => ({ eventType: `configdrive.test.${n}`, priority: "AUDIT", payload: n });
const never = new AbortController().signal;

function open(most: number) {
  const clock = new ManualClock();
  const out: unknown[] = [];
  const results: string[] = [];
  const said: string[] = [];
  const broker = { away: false, hangs: false };
  let waiting = 0;
  const note = (_: object, text: string) => void said.push(text);
  const trail = new AuditTrail({
    most,
    async send({ payload }, signal) {
      if (broker.hangs) {
        await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      if (broker.away) throw new Error("away");
      out.push(payload);
    },
    over: (result) => results.push(result),
    waiting: (count) => {
      waiting = count;
    },
    clock,
    logger: { debug: note, info: note, warn: note, error: note },
  });
  return { trail, clock, out, results, said, broker, waiting: () => waiting };
}

test("events go out in order, and whoever records one waits for nothing", async () => {
  const { trail, out, results } = open(100);
  for (let n = 0; n < 50; n++) trail.record(event(n));
  expect(await trail.close(never)).toBe(0);
  expect(out).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(new Set(results)).toEqual(new Set(["published"]));
});

test("while the broker is away they wait, as many as may; the rest is dropped and counted; all that is said once", async () => {
  const { trail, clock, out, results, said, broker, waiting } = open(30);
  broker.away = true;
  for (let n = 0; n < 40; n++) trail.record(event(n));
  await clock.advance(60_000);
  expect([out.length, waiting()]).toEqual([0, 30]);
  expect(results).toEqual(Array.from({ length: 10 }, () => "dropped"));
  broker.away = false;
  await clock.advance(1000);
  expect(out.toSorted()).toEqual(Array.from({ length: 30 }, (_, n) => n).toSorted());
  expect(waiting()).toBe(0);
  expect(said).toEqual([
    "audit events are dropped: too many wait",
    "audit events wait for the broker",
    "audit events are published again",
  ]);
  expect(await trail.close(never)).toBe(10);
});

test("a stop waits no longer than it may, and drops what is left", async () => {
  const { trail, broker, out, results } = open(100);
  broker.hangs = true;
  for (let n = 0; n < 20; n++) trail.record(event(n));
  expect(await trail.close(AbortSignal.abort())).toBe(20);
  trail.record(event(20));
  expect(out).toEqual([]);
  expect(results).toEqual(Array.from({ length: 21 }, () => "dropped"));
});
