import { putBig16, putBig32, putBoth16, putBoth32, putLittle16, putLittle32 } from "./number.js";

it.each([
  ["little 16", putLittle16, 0x1234, "3412"],
  ["big 16", putBig16, 0x1234, "1234"],
  ["both 16", putBoth16, 0x1234, "34121234"],
  ["little 32", putLittle32, 0xfedcba98, "98badcfe"],
  ["big 32", putBig32, 0xfedcba98, "fedcba98"],
  ["both 32", putBoth32, 0xfedcba98, "98badcfefedcba98"],
] as const)("%s", (_, put, value, hex) => {
  const b = Buffer.alloc(hex.length / 2 + 2, 0xd1);
  put(b, 1, value);
  expect(b.toString("hex")).toBe(`d1${hex}d1`);
});
