import { recordDate, volumeDate } from "./dates.js";

test("a record's date is told in its own zone, in quarter hours east of Greenwich", () => {
  expect(recordDate(Uint8Array.of(126, 11, 22, 18, 30, 1, 4), 0)).toEqual(new Date("2026-11-22T17:30:01Z"));
  expect(recordDate(Uint8Array.of(126, 11, 22, 12, 0, 0, 0x100 - 20), 0)).toEqual(new Date("2026-11-22T17:00:00Z"));
});

test.each([
  ["month 13", [126, 13, 1, 0, 0, 0, 0]],
  ["30 February", [126, 2, 30, 0, 0, 0, 0]],
  ["second 60", [126, 1, 1, 0, 0, 60, 0]],
  ["zone 53", [126, 1, 1, 0, 0, 0, 53]],
  ["unset", [0, 0, 0, 0, 0, 0, 0]],
])("%s is no date", (_, bytes) => {
  expect(recordDate(Uint8Array.from(bytes), 0)).toBeUndefined();
});

test("a volume's date has hundredths; all zeros mean that there is none", () => {
  const bytes = new Uint8Array([...Buffer.from("2026112217300150"), 0]);
  expect(volumeDate(bytes, 0)).toEqual(new Date("2026-11-22T17:30:01.500Z"));
  expect(volumeDate(new Uint8Array([...Buffer.from("0000000000000000"), 0]), 0)).toBeUndefined();
});
