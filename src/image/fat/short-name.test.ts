import { shortNames } from "./short-name.js";

function fieldsOf(...names: string[]): string[] {
  return shortNames(names.sort()).map(({ field }) => field);
}

describe("shortNames", () => {
  it("keeps a name that is short already, and needs no long one for it", () => {
    expect(shortNames(["README.TXT", "CON_1"])).toEqual([
      { field: "README  TXT", needsLongName: false },
      { field: "CON_1      ", needsLongName: false },
    ]);
  });

  it("gives letter case to a long name, without a number", () => {
    expect(shortNames(["latest", "Mixed.Txt"])).toEqual([
      { field: "LATEST     ", needsLongName: true },
      { field: "MIXED   TXT", needsLongName: true },
    ]);
  });

  it("numbers what loses more than letter case", () => {
    expect(fieldsOf("meta_data.json")).toEqual(["META_D~1JSO"]);
    expect(fieldsOf(".profile")).toEqual(["PROFIL~1   "]);
    expect(fieldsOf("a.tar.gz")).toEqual(["ATAR~1  GZ "]);
    expect(fieldsOf("a b")).toEqual(["AB~1       "]);
    expect(fieldsOf("é+.x")).toEqual(["__~1    X  "]);
  });

  it("never gives a generated name that a file of the directory has", () => {
    expect(fieldsOf("LONGFI~1.TXT", "longfilename.txt")).toEqual(["LONGFI~1TXT", "LONGFI~2TXT"]);
  });

  it("stays unique over thousands of like names", () => {
    const fields = fieldsOf(...Array.from({ length: 12_000 }, (_, i) => `configuration ${i}.json`));
    expect(new Set(fields).size).toBe(12_000);
    expect(fields.every((field) => /^[A-Z0-9~]{1,8} *JSO$/.test(field) && field.length === 11)).toBe(true);
  });
});
