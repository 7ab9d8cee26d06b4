import { anyText } from "#integration/rigs/any-text.js";
import fc from "#integration/rigs/properties.js";
import { putUcs2, putUtf8, utf8Length } from "./text.js";

it("puts UTF-8 as the platform does, and knows its length", () => {
  fc.assert(
    fc.property(anyText({ maxLength: 40 }), (text) => {
      const expected = Buffer.from(text, "utf8");
      const b = Buffer.alloc(expected.length + 2, 0xd1);
      putUtf8(b, 1, text);
      expect(utf8Length(text)).toBe(expected.length);
      expect(b.subarray(1, -1).equals(expected)).toBe(true);
      expect([b[0], b.at(-1)]).toEqual([0xd1, 0xd1]);
    }),
  );
});

it("puts UCS-2 with the most significant byte first", () => {
  fc.assert(
    fc.property(anyText({ maxLength: 40 }), (text) => {
      const b = Buffer.alloc(text.length * 2);
      putUcs2(b, 0, text);
      expect(b.swap16().toString("utf16le")).toBe(text);
    }),
  );
});
