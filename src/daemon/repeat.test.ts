import { repeat } from "./repeat.js";

test("turns follow one another and never overlap; stop ends the one under way and all that would follow", async () => {
  let running = 0;
  let turns = 0;
  const third = Promise.withResolvers<void>();
  const repeated = repeat(1, async (signal) => {
    running += 1;
    turns += 1;
    expect(running).toBe(1);
    if (turns === 3) {
      third.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    running -= 1;
  });
  await third.promise;
  await repeated.stop();
  expect({ turns, running }).toEqual({ turns: 3, running: 0 });
});

test("a turn that is asked for does not wait, and one that is asked for during a turn follows it", async () => {
  let turns = 0;
  const second = Promise.withResolvers<void>();
  const repeated = repeat(3_600_000, async () => {
    turns += 1;
    if (turns === 1) repeated.soon();
    else second.resolve();
  });
  repeated.soon();
  await second.promise;
  await repeated.stop();
  expect(turns).toBe(2);
});

test("a stop during the pause ends it at once", async () => {
  const repeated = repeat(3_600_000, async () => undefined);
  await repeated.stop();
});
