import { shown, type Violations } from "./violations.js";

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
/** google.protobuf.Timestamp holds the years 1 to 9999. */
const EARLIEST = Date.parse("0001-01-01T00:00:00Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

/** A time in the RFC 3339 form of proto3 JSON. The service keeps milliseconds; finer ones are refused, not cut. */
export function decodeTimestamp(text: string, violations: Violations): Date | undefined {
  const match = RFC_3339.exec(text);
  const [, day, time, fraction = "", zone] = match ?? [];
  const instant = new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`);
  // A day that its month does not have is moved by Date, not refused.
  const atZulu = new Date(`${day}T${time}Z`);
  if (Number.isNaN(instant.getTime()) || !atZulu.toISOString().startsWith(`${day}T${time}`)) {
    return violations.add(`must be an RFC 3339 time (${shown(text, false)})`);
  }
  if (/[1-9]/.test(fraction.slice(3))) return violations.add(`must be in whole milliseconds (${shown(text, false)})`);
  if (instant.getTime() < EARLIEST || instant.getTime() > LATEST) {
    return violations.add(`must be in the years 1 to 9999 (${shown(text, false)})`);
  }
  return instant;
}

/** The RFC 3339 form of a time, in UTC with milliseconds. */
export function encodeTimestamp(time: Date): string {
  return time.toISOString();
}
