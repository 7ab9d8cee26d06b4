import fc from "#integration/rigs/properties.js";
import { UniqueNames } from "./unique-names.js";

it("gives the name that is wanted while it is free, then numbers", () => {
  const names = new UniqueNames();
  const take = (name: string): string => names.take(name, (n) => `${name}${n}`);
  expect(["a", "b", "a", "a", "a1", "b"].map(take)).toEqual(["a", "b", "a1", "a2", "a11", "b1"]);
});

it("takes names for the same that fold to the same", () => {
  const names = new UniqueNames((name) => name.toLowerCase());
  expect(["A", "a"].map((name) => names.take(name, (n) => `${name}_${n}`))).toEqual(["A", "a_1"]);
});

it("is unique for any wishes in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "a_1", "a_2", "b_1", "c")), (wishes) => {
      const names = new UniqueNames();
      const taken = wishes.map((wish) => names.take(wish, (n) => `${wish}_${n}`));
      expect(new Set(taken).size).toBe(taken.length);
    }),
  );
});
