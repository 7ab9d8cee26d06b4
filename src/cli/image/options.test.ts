import { parseSize } from "./size.js";
import { imageTime } from "./time.js";

test.each([
  ["512", 512],
  ["64M", 64 * 2 ** 20],
  ["1GiB", 2 ** 30],
])("the size %s is %i bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(["", "0", "-1", "1.5M", "64MB", "1e9", "9999999999T"])("the size %j is refused", (text) => {
  expect(() => parseSize(text)).toThrow("must be bytes");
});

const now = () => new Date("2026-01-01T00:00:00Z");

test("the time is what was asked for, else SOURCE_DATE_EPOCH, else now", () => {
  expect(imageTime("2025-05-05T00:00:00Z", { SOURCE_DATE_EPOCH: "1" }, now).toISOString()).toBe(
    "2025-05-05T00:00:00.000Z",
  );
  expect(imageTime(undefined, { SOURCE_DATE_EPOCH: "1" }, now).getTime()).toBe(1000);
  expect(imageTime(undefined, {}, now)).toEqual(now());
});

test("a time that is none is refused with the name of its place", () => {
  expect(() => imageTime("yesterday", {}, now)).toThrow("--time: must be");
  expect(() => imageTime(undefined, { SOURCE_DATE_EPOCH: "2025-05-05" }, now)).toThrow(
    "SOURCE_DATE_EPOCH: must be seconds",
  );
});
