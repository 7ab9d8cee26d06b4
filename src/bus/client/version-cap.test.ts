import { VersionCapExceeded } from "./call-errors.js";
import { checkVersionCap } from "./version-cap.js";

test("without a cap everything may be sent (wire §5.3)", () => {
  expect(() => checkVersionCap(undefined, undefined)).not.toThrow();
  expect(() => checkVersionCap("9.9", undefined)).not.toThrow();
});

test.each([
  ["1.5", "1.5", true],
  ["1.4", "1.5", true],
  ["1.6", "1.5", false],
  ["2.0", "1.5", false],
  [undefined, "1.5", false],
])("a request of version %s under the cap %s: %s (wire §5.3)", (version, cap, allowed) => {
  const check = (): void => checkVersionCap(version, cap);
  if (allowed) expect(check).not.toThrow();
  else expect(check).toThrow(VersionCapExceeded);
});
