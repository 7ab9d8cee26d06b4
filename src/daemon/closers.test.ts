import { Closers } from "./closers.js";

test("everything is closed, last opened first, whatever fails", async () => {
  const closed: string[] = [];
  const failing = () => {
    closed.push("b");
    throw new Error("b fails");
  };
  const closers = new Closers();
  closers.defer(() => closed.push("a"));
  closers.defer(failing);
  expect(closers.adopt("c", (name) => closed.push(name))).toBe("c");
  closers.use({ [Symbol.asyncDispose]: async () => void closed.push("d") });
  await expect(closers[Symbol.asyncDispose]()).rejects.toThrow("b fails");
  expect(closed).toEqual(["d", "c", "b", "a"]);
});

test("several failures are told together", async () => {
  const closers = new Closers();
  for (const name of ["a", "b"]) closers.defer(() => Promise.reject(new Error(name)));
  await expect(closers[Symbol.asyncDispose]()).rejects.toMatchObject({ errors: [{ message: "b" }, { message: "a" }] });
});

test("what was handed over is closed by the new owner, once", async () => {
  let closed = 0;
  const first = new Closers();
  first.defer(() => closed++);
  const second = first.move();
  await first[Symbol.asyncDispose]();
  expect(closed).toBe(0);
  await second[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  expect(closed).toBe(1);
});
