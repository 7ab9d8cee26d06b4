import { InstanceQueue } from "./instance-queue.js";

const never = new AbortController().signal;

test("one instance's work runs in turn, another's does not wait", async () => {
  const queue = new InstanceQueue();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const works = [
    queue.run("a", never, () => first.promise.then(() => order.push("a1"))),
    queue.run("a", never, async () => order.push("a2")),
  ];
  await queue.run("b", never, async () => order.push("b"));
  first.resolve();
  await Promise.all(works);
  expect(order).toEqual(["b", "a1", "a2"]);
});

test("work that fails lets the next one in", async () => {
  const queue = new InstanceQueue();
  const failing = queue.run("a", never, async () => {
    throw new Error("no");
  });
  const next = queue.run("a", never, async () => "in");
  await expect(failing).rejects.toThrow("no");
  await expect(next).resolves.toBe("in");
});

test("a wait that is given up neither runs nor lets the next one in early", async () => {
  const queue = new InstanceQueue();
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const running = queue.run("a", never, () => first.promise.then(() => order.push("first")));
  const given = queue.run("a", AbortSignal.timeout(5), async () => order.push("never"));
  const last = queue.run("a", never, async () => order.push("last"));
  await expect(given).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  first.resolve();
  await Promise.all([running, last]);
  expect(order).toEqual(["first", "last"]);
});
