import { hierarchyOf } from "../hierarchy.js";
import { fromBytes } from "../tree.js";
import { plainIdentifiers } from "./plain-identifier.js";

function identifiersOf(...paths: string[]): string[] {
  const files = paths.map((path) => ({ path, data: fromBytes(new Uint8Array()) }));
  return plainIdentifiers(hierarchyOf({ files }, 0).children);
}

describe("plainIdentifiers", () => {
  it("spells names in d-characters, files with one dot, directories with none", () => {
    expect(identifiersOf("2012-08-10/x", "meta_data.json", "user-data", ".profile", "a.b.c", "conf.d/x")).toEqual([
      "_PROFILE.",
      "2012_08_10",
      "A_B.C",
      "CONF_D",
      "META_DATA.JSON",
      "USER_DATA.",
    ]);
  });

  it("keeps file names to 30 characters and directories to 31", () => {
    expect(identifiersOf(`${"n".repeat(40)}.json`, `${"x".repeat(40)}/y`)).toEqual([
      `${"N".repeat(26)}.JSON`,
      "X".repeat(31),
    ]);
  });

  it("numbers what is equal once spelled, in the order of the names", () => {
    expect(identifiersOf("a-b", "a b", "a_b", "A_B/x")).toEqual(["A_B", "A_B_1.", "A_B_2.", "A_B_3."]);
  });

  it("spells other alphabets as _ and stays unique over thousands", () => {
    const identifiers = identifiersOf(...Array.from({ length: 3000 }, (_, i) => `${"é".repeat(40)}${i}`));
    expect(new Set(identifiers).size).toBe(3000);
    for (const identifier of identifiers) expect(identifier).toMatch(/^[A-Z0-9_]{1,30}\.$/);
  });
});
