import { Answers } from "./answers.js";

let now: number;
let asked: string[];
let answers: Answers<string>;
beforeEach(() => {
  now = 0;
  asked = [];
  answers = new Answers(2, () => now);
});

function ask(key: string, believedMs = 10): Promise<string> {
  const out = async () => {
    asked.push(key);
    return `${key} at ${now}`;
  };
  return answers.get(key, out, () => now + believedMs);
}

test("an answer is believed for its time and then asked for again", async () => {
  expect(await ask("a")).toBe("a at 0");
  now = 9;
  expect(await ask("a")).toBe("a at 0");
  now = 10;
  expect(await ask("a")).toBe("a at 10");
});

test("nothing is believed for no time", async () => {
  await ask("a", 0);
  await ask("a", 0);
  expect(asked).toEqual(["a", "a"]);
});

test("of several who ask at once, one is sent out", async () => {
  expect(await Promise.all([ask("a"), ask("a"), ask("a")])).toEqual(["a at 0", "a at 0", "a at 0"]);
  expect(asked).toEqual(["a"]);
});

test("what fails is not remembered, and everybody who waited hears of it", async () => {
  let fail = true;
  const out = async () => {
    if (fail) throw new Error("away");
    return "back";
  };
  const both = Promise.allSettled([1, 2].map(() => answers.get("a", out, () => 100)));
  expect(await both).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  fail = false;
  expect(await answers.get("a", out, () => 100)).toBe("back");
});

test("beyond its size the oldest answer gives way", async () => {
  for (const key of ["a", "b", "c", "b", "a"]) await ask(key);
  expect(asked).toEqual(["a", "b", "c", "a"]);
});
