import { severalAtOnce } from "./several.js";

async function* from(count: number, taken: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < count; item += 1) {
    taken.push(item);
    yield item;
  }
}

test("at most so many at once, all of them, each begun in its order", async () => {
  let [now, most] = [0, 0];
  const begun: number[] = [];
  await severalAtOnce(from(20), 4, async (item) => {
    begun.push(item);
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, item % 3));
    now -= 1;
  });
  expect(most).toBe(4);
  expect(now).toBe(0);
  expect(begun).toEqual(Array.from({ length: 20 }, (_, item) => item));
});

test("one that takes long holds up none of the others", async () => {
  const slow = Promise.withResolvers<void>();
  const done: number[] = [];
  await severalAtOnce(from(10), 2, async (item) => {
    if (item === 0) await slow.promise;
    done.push(item);
    if (item === 9) slow.resolve();
  });
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
});

test("no more is asked for than there is room for, and nothing after a failure; what is under way ends first", async () => {
  const taken: number[] = [];
  const ended: number[] = [];
  const work = severalAtOnce(from(100, taken), 3, async (item) => {
    await new Promise(setImmediate);
    ended.push(item);
    if (item === 1) throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(taken.length).toBeLessThan(8);
  expect(ended).toEqual(taken);
});
