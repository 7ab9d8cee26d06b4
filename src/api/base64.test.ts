import fc from "#integration/rigs/properties.js";
import { decodeBase64 } from "./base64.js";

test("every sequence of bytes comes back from its one form", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString("base64"))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("a text is taken only if it is the one form of its bytes", () => {
  const alphabet = [..."ABYZabz019+/=-_ \n!"];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }), (text) => {
      const canonical = Buffer.from(text, "base64").toString("base64") === text;
      return (decodeBase64(text) !== undefined) === canonical;
    }),
    { numRuns: 5000 },
  );
});

test.each(["A", "AA", "AAA", "====", "A===", "AA=A", "AA==AA==", "AB==", "AAB=", "-_8=", " AAA", "AAA\n"])(
  "refused: %j",
  (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  },
);
