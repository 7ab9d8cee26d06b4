import { putDescriptorDate, putNoDescriptorDate } from "./descriptor-date.js";
import { checkRecordingDate, RecordingDates } from "./recording-date.js";

describe("RecordingDates", () => {
  it("puts years from 1900, in UTC with zone 0, also when times alternate", () => {
    const dates = new RecordingDates();
    const put = (text: string): string => {
      const b = Buffer.alloc(7, 0xd1);
      dates.put(b, 0, Date.parse(text));
      return b.toString("hex");
    };
    expect(put("1999-12-31T23:59:59.999Z")).toBe("630c1f173b3b00");
    expect(put("2026-01-02T03:04:05Z")).toBe("7e010203040500");
    expect(put("1999-12-31T23:59:59.999Z")).toBe("630c1f173b3b00");
  });
});

it("takes 1900 to 2155", () => {
  const first = Date.parse("1900-01-01T00:00:00.000Z");
  const last = Date.parse("2155-12-31T23:59:59.999Z");
  expect(() => checkRecordingDate(first, "time")).not.toThrow();
  expect(() => checkRecordingDate(last, "time")).not.toThrow();
  expect(() => checkRecordingDate(first - 1, "time")).toThrow("1899-12-31T23:59:59.999Z");
  expect(() => checkRecordingDate(last + 1, "time")).toThrow("2156-01-01T00:00:00.000Z");
});

it("puts descriptor dates as digits to the hundredth of a second", () => {
  const b = Buffer.alloc(34, 0xd1);
  putDescriptorDate(b, 0, new Date("2026-01-02T03:04:05.678Z"));
  putNoDescriptorDate(b, 17);
  expect(b.toString("latin1")).toBe("2026010203040567\x000000000000000000\0");
});
