import fc from "#integration/rigs/properties.js";

const between = (first: number, last: number): fc.Arbitrary<string> =>
  fc.integer({ min: first, max: last }).map((point) => String.fromCodePoint(point));

/**
 * Any character of Unicode, of one to four bytes in UTF-8 alike; no half of a surrogate pair. fast-check's own, `unit: "binary"`,
 * makes a table of all 1.1 million first, which takes longer than most tests.
 */
const character = fc.oneof(
  between(0, 0x7f),
  between(0x80, 0x7ff),
  fc.oneof(between(0x800, 0xd7ff), between(0xe000, 0xffff)),
  between(0x1_0000, 0x10_ffff),
);

/** Any well-formed text; control characters and NUL too. */
export function anyText(limits: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: character, ...limits });
}
