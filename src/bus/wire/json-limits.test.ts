import { mayLoseDigits, mayNestTooDeep } from "./json-limits.js";

test.each([
  "1234567890123456",
  "-1234567890123456",
  "[1,1234567890123456789]",
  '{"a":1234567890123456}',
  '{"a": 1234567890123456 }',
  "\t1234567890123456",
  "\n1234567890123456",
  "1234567890123456.5",
])("%j may hold an integer that a double rounds", (text) => {
  expect(mayLoseDigits(text)).toBe(true);
});

test.each([
  "123456789012345",
  '{"id":"1234567890123456"}',
  '{"id":"d41d1234567890123456"}',
  "0.1234567890123456",
  "1e1234567890123456",
])("%j holds none: its digits are within a word, a string or a fraction", (text) => {
  expect(mayLoseDigits(text)).toBe(false);
});

test("a text nests too deep only if its brackets are more than the levels allowed", () => {
  expect(mayNestTooDeep(`${"[".repeat(990)}${"]".repeat(990)}`)).toBe(false);
  expect(mayNestTooDeep(`${"[".repeat(991)}${"]".repeat(991)}`)).toBe(true);
  expect(mayNestTooDeep(`${"[{".repeat(496)}${"}]".repeat(496)}`)).toBe(true);
});
