import { seeds } from "./seeds.js";

test.each([
  [{ FORM: "short" }, [1, 2, 3]],
  [{ FORM: "full" }, [1, 2, 3, 4, 5]],
  [{ FORM: "short", SEEDS: "2", FIRST_SEED: "38" }, [38, 39]],
  [{ SEEDS: "5", FIRST_SEED: "10", SLICE: "1/2" }, [10, 11]],
  [{ SEEDS: "5", FIRST_SEED: "10", SLICE: "2/2" }, [12, 13, 14]],
])("%j are seeds %j", (environment, expected) => {
  expect(seeds(3, 5, environment).seeds).toEqual(expected);
});

test("all slices together are all seeds, each once", () => {
  const slices = Array.from({ length: 7 }, (_, index) => seeds(3, 5, { SEEDS: "1000", SLICE: `${index + 1}/7` }).seeds);
  expect(slices.flat()).toEqual(seeds(3, 5, { SEEDS: "1000" }).seeds);
});

test.each([
  { SLICE: "0/3" },
  { SLICE: "4/3" },
  { SLICE: "half" },
  { SLICE: "1/4" },
  { SEEDS: "many" },
  { FIRST_SEED: "-1" },
])("%j is refused by name", (environment) => {
  expect(() => seeds(3, 5, environment)).toThrow(Object.keys(environment)[0]);
});
