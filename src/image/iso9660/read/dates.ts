import { latin1 } from "../../input/integers.js";

const QUARTER_HOUR = 15 * 60 * 1000;

/** The 7 bytes of a directory record's date (ECMA-119 9.1.5) or of a short TF stamp (RRIP 4.1.6); `undefined` when it is not a date. */
export function recordDate(bytes: Uint8Array, at: number): Date | undefined {
  const zone = (bytes[at + 6]! << 24) >> 24;
  return utcDate(
    1900 + bytes[at]!,
    bytes[at + 1]!,
    bytes[at + 2]!,
    bytes[at + 3]!,
    bytes[at + 4]!,
    bytes[at + 5]!,
    0,
    zone,
  );
}

/** The 17 bytes of a volume descriptor's date (ECMA-119 8.4.26.1) or of a long TF stamp; `undefined` when unset or not a date. */
export function volumeDate(bytes: Uint8Array, at: number): Date | undefined {
  const digits = latin1(bytes, at, 16);
  if (!/^\d{16}$/.test(digits)) return undefined;
  const part = (from: number, length: number) => Number(digits.slice(from, from + length));
  const zone = (bytes[at + 16]! << 24) >> 24;
  return utcDate(part(0, 4), part(4, 2), part(6, 2), part(8, 2), part(10, 2), part(12, 2), part(14, 2), zone);
}

function utcDate(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  hundredths: number,
  zone: number,
): Date | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || zone < -48 || zone > 52) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, hundredths * 10);
  return new Date(date.getTime() - zone * QUARTER_HOUR);
}

/** Days of a month of the Gregorian calendar; `month` from 1. */
function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
