import { WorkSlots } from "./work-slots.js";

/** Slots whose work ends when the test says so. */
function bench(limit: number, mayStart = () => true) {
  const ends: (() => void)[] = [];
  const started: string[] = [];
  const slots = new WorkSlots<string>(limit, mayStart, (name, done) => {
    started.push(name);
    ends.push(done);
  });
  return { slots, started, end: (): void => ends.shift()?.() };
}

test("no more runs than the limit; the next starts, in order, when one ends", () => {
  const { slots, started, end } = bench(2);
  for (const name of ["a", "b", "c", "d"]) slots.offer(name);
  expect([started, slots.running, slots.waiting]).toEqual([["a", "b"], 2, 2]);
  end();
  expect([started, slots.running, slots.waiting]).toEqual([["a", "b", "c"], 2, 1]);
});

test("nothing starts while the further condition is false", () => {
  let open = false;
  const { slots, started } = bench(1, () => open);
  slots.offer("a");
  expect(started).toEqual([]);
  open = true;
  slots.fill();
  expect(started).toEqual(["a"]);
});

test("work that ends at once leaves room at once", () => {
  const slots = new WorkSlots<number>(
    1,
    () => true,
    (_work, done) => done(),
  );
  for (let number = 0; number < 10_000; number += 1) slots.offer(number);
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test("stopping hands out what waits, starts nothing more, and idle comes when the last one ended", async () => {
  const { slots, started, end } = bench(1);
  for (const name of ["a", "b"]) slots.offer(name);
  expect(slots.stop()).toEqual(["b"]);
  let idle = false;
  const whenIdle = slots.idle().then(() => {
    idle = true;
  });
  await Promise.resolve();
  expect(idle).toBe(false);
  end();
  await whenIdle;
  expect(started).toEqual(["a"]);
});
