import { isCompatible, parseVersion } from "./version.js";

const compatible = (implemented: string, requested: string): boolean =>
  isCompatible(parseVersion(implemented)!, parseVersion(requested)!);

test.each([
  ["1.5", "1.5", true],
  ["1.5", "1.4", true],
  ["1.5", "1.6", false],
  ["1.5", "2.0", false],
  ["2.0", "1.0", false],
  ["1.10", "1.9", true],
  ["1.9", "1.10", false],
  ["1.5.2", "1.5.1", true],
  ["1.5", "1.5.1", false],
  ["1.5", "1.4.9", true],
])("an endpoint of %s and a request of %s: %s (wire §5.4)", (implemented, requested, expected) => {
  expect(compatible(implemented, requested)).toBe(expected);
});

test.each(["1", "", "a.b", "1.", ".1", "-1.0", "1.0x"])("%j is no version (wire §5.4)", (text) => {
  expect(parseVersion(text)).toBeUndefined();
});
