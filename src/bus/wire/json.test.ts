import fc from "#integration/rigs/properties.js";
import { parseJson, writeJson } from "./json.js";
import { parseJsonLosslessly } from "./json-lossless.js";

describe("JSON as Python writes it (wire §4)", () => {
  test("NaN and the infinities are numbers", () => {
    expect(parseJson('{"a":[NaN,Infinity,-Infinity,1e999]}')).toEqual({
      a: [Number.NaN, Infinity, -Infinity, Infinity],
    });
  });

  test("integers beyond 2^53 lose no digit, in or out", () => {
    const text = '{"i":9223372036854775808,"n":-12345678901234567890,"s":9007199254740991}';
    const value = parseJson(text);
    expect(value).toEqual({ i: 9223372036854775808n, n: -12345678901234567890n, s: 9007199254740991 });
    expect(writeJson(value)).toBe(text);
  });

  test("a long integer is found wherever it stands", () => {
    for (let before = 0; before < 20; before += 1) {
      expect(parseJson(`${" ".repeat(before)}1234567890123456789`)).toBe(1234567890123456789n);
      expect(parseJson(`${" ".repeat(before)}9007199254740993`)).toBe(9007199254740993n);
    }
  });

  test("digits in strings and long fractions stay what they are", () => {
    expect(parseJson('["1234567890123456789", 0.30000000000000004, 1e300]')).toEqual([
      "1234567890123456789",
      0.30000000000000004,
      1e300,
    ]);
  });

  test("surrogates, also lone ones, survive both ways", () => {
    expect(parseJson('"\\ud83d\\ude00 \\ud800"')).toBe("😀 \ud800");
    expect(writeJson("é😀\ud800", { asciiOnly: true })).toBe('"\\u00e9\\ud83d\\ude00\\ud800"');
  });

  test("a member named __proto__ is a member", () => {
    for (const parse of [parseJson, parseJsonLosslessly]) {
      const value = parse('{"__proto__":{"polluted":true},"a":1}');
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(JSON.stringify(value)).toContain("polluted");
    }
  });

  test("numbers that JSON has no form for are written as null", () => {
    expect(writeJson([Number.NaN, Infinity])).toBe("[null,null]");
    expect(writeJson(undefined)).toBe("null");
  });

  test.each([
    "",
    "{",
    "[1,]",
    "{'a':1}",
    "nan",
    "+1",
    "01",
    '"\u0001"',
    "[1 2]",
    "{}x",
    '{"a"}',
    '"abc',
    '"\\x"',
    "\ufeff{}",
  ])("%j is not JSON", (text) => {
    expect(() => parseJson(text)).toThrow("not JSON at offset");
    expect(() => parseJsonLosslessly(text)).toThrow("not JSON at offset");
  });

  test("Python's own limits hold: nesting, and the length of an integer", () => {
    const deep = (depth: number) => `${"[".repeat(depth)}NaN${"]".repeat(depth)}`;
    expect(() => parseJson(deep(900))).not.toThrow();
    expect(() => parseJson(deep(100_000))).toThrow("nested deeper");
    expect(() => parseJson(`${"[".repeat(2000)}0${"]".repeat(2000)}`)).toThrow("nested deeper");
    expect(() => parseJson(`${'{"a":'.repeat(2000)}0${"}".repeat(2000)}`)).toThrow("nested deeper");
    expect(parseJson(JSON.stringify({ text: "[".repeat(3000) }))).toEqual({ text: "[".repeat(3000) });
    expect(parseJson(`[${"[],".repeat(3000)}0]`)).toHaveLength(3001);
    expect(() => parseJson("9".repeat(5000))).toThrow("longer than 4300 digits");
  });

  test("the lossless reader reads all that JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(writeJson(parseJsonLosslessly(text))).toBe(writeJson(JSON.parse(text)));
      }),
    );
  });

  test("the lossless reader refuses whatever JSON.parse refuses, but for the three words", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom("", ",", "]", '"', "\\", "0", ":"), (text, place, piece) => {
        const at = place % (text.length + 1);
        const broken = text.slice(0, at) + piece + text.slice(at + 1);
        const read = (parse: (text: string) => unknown) => {
          try {
            // Read once more as doubles: a long integer is kept by one reader and rounded by the other.
            return JSON.stringify(JSON.parse(writeJson(parse(broken))));
          } catch {
            return "refused";
          }
        };
        expect(read((t) => parseJsonLosslessly(t))).toBe(read((t) => JSON.parse(t)));
      }),
      { examples: [["1006173854317529200", 18, "0"]] },
    );
  });
});
