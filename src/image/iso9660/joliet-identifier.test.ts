import fc from "#integration/rigs/properties.js";
import { hierarchyOf } from "../hierarchy.js";
import { fromBytes } from "../tree.js";
import { jolietIdentifiers, jolietOrder } from "./joliet-identifier.js";

function identifiersOf(...names: string[]): string[] {
  const files = names.map((path) => ({ path, data: fromBytes(new Uint8Array()) }));
  return jolietIdentifiers(hierarchyOf({ files }, 0).children);
}

describe("jolietIdentifiers", () => {
  it("leaves a name of 64 units as it is", () => {
    const name = `${"n".repeat(60)}.txt`;
    expect(identifiersOf(name)).toEqual([name]);
  });

  it("cuts a longer name before its extension", () => {
    expect(identifiersOf(`${"n".repeat(61)}.txt`)).toEqual([`${"n".repeat(60)}.txt`]);
  });

  it("numbers names that are equal once cut", () => {
    const [one, two] = identifiersOf(`${"n".repeat(64)}1`, `${"n".repeat(64)}2`);
    expect(one).toBe("n".repeat(64));
    expect(two).toBe(`${"n".repeat(62)}_1`);
  });

  it("spells forbidden characters as _ and never takes the name of another file", () => {
    expect(identifiersOf("a*b", "a_b")).toEqual(["a_b_1", "a_b"]);
  });

  it("keeps names apart that differ in letter case alone: Linux and Windows would open the wrong one", () => {
    expect(identifiersOf("CASE.txt", "case.txt")).toEqual(["CASE.txt", "case_1.txt"]);
  });

  it("spells dots and spaces at the end, which readers drop", () => {
    expect(identifiersOf("a", "a.", "b ")).toEqual(["a", "a_", "b_"]);
  });

  it("never cuts within a surrogate pair", () => {
    expect(identifiersOf(`${"n".repeat(63)}\u{1f600}`)).toEqual(["n".repeat(63)]);
  });

  it("gives unique, well-formed names of at most 64 units for any directory", () => {
    const character = fc.constantFrom("a", "A", "é", "\u{1f600}", ".", " ", "*", "_", "1");
    const name = fc.string({ unit: character, minLength: 1, maxLength: 80 }).filter((n) => !/^\.{1,2}$/.test(n));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
        const identifiers = identifiersOf(...names);
        expect(new Set(identifiers.map((i) => i.toLowerCase())).size).toBe(names.length);
        for (const identifier of identifiers) {
          expect(identifier.isWellFormed() && identifier.length <= 64 && identifier.length > 0).toBe(true);
          expect(identifier).not.toMatch(/[*/:;?\\]|[. ]$/);
        }
      }),
    );
  });
});

it("orders a name before its extension: what is shorter up to the dot comes first", () => {
  const names = ["a b.txt", "a.txt", "a", "a-.txt"];
  expect(names.sort((x, y) => (jolietOrder(x) < jolietOrder(y) ? -1 : 1))).toEqual(["a", "a.txt", "a b.txt", "a-.txt"]);
});
